import { describe, expect, it } from 'vitest';
import { clientFrames, serverFrames, type ClientFrame } from './frames.ts';
import { limits } from './limits.ts';

const room = '00000000-0000-4000-8000-000000000001';
const eid = 'A'.repeat(43);
const frames: { [T in ClientFrame['type']]: Extract<ClientFrame, { type: T }> } = {
  hello: { type: 'hello', version: 1, ticket: 't', device: room },
  join: { type: 'join', room },
  drain: { type: 'drain', room, after: 0 },
  acknowledge: { type: 'acknowledge', room, eids: [eid], commits: [1] },
  skip: { type: 'skip', room, n: 1 },
  signal: { type: 'signal', room, to: room, data: 'x' },
  watch: { type: 'watch', directory: true },
  acknowledgeExpired: { type: 'acknowledgeExpired', notices: [1] },
  sums: { type: 'sums', direct: 3, relayed: 0 },
  status: { type: 'status', idle: true },
  ping: { type: 'ping' },
};
const takes = (type: ClientFrame['type'], frame: object) => clientFrames[type].safeParse(frame).success;

describe.each(Object.entries(frames) as [ClientFrame['type'], ClientFrame][])('the command %s', (type, frame) => {
  it('is taken when well-formed', () => {
    expect(takes(type, frame)).toBe(true);
  });

  it('is refused with an unknown field, under another name, and without any one of its fields', () => {
    expect(takes(type, { ...frame, more: 1 })).toBe(false);
    expect(takes(type, { ...frame, type: 'other' })).toBe(false);
    for (const field of Object.keys(frame)) {
      const { [field as 'type']: _, ...rest } = frame;
      expect(takes(type, rest), `without ${field}`).toBe(false);
    }
  });
});

describe('bounds of commands', () => {
  it('acknowledge at most so many at once', () => {
    const eids = (count: number) => ({ ...frames.acknowledge, eids: Array.from({ length: count }, () => eid) });
    expect(takes('acknowledge', eids(limits.acksPerFrame))).toBe(true);
    expect(takes('acknowledge', eids(limits.acksPerFrame + 1))).toBe(false);
  });

  it('number from 1, in whole numbers', () => {
    for (const n of [0, -1, 1.5, 2 ** 53]) expect(takes('skip', { ...frames.skip, n }), String(n)).toBe(false);
  });

  it('pass signals of bounded size, never empty', () => {
    expect(takes('signal', { ...frames.signal, data: 'x'.repeat(limits.signalData) })).toBe(true);
    expect(takes('signal', { ...frames.signal, data: 'x'.repeat(limits.signalData + 1) })).toBe(false);
    expect(takes('signal', { ...frames.signal, data: '' })).toBe(false);
  });
});

describe('events', () => {
  it('of a newer server may say more: what is unknown is left out', () => {
    expect(serverFrames.pong.parse({ type: 'pong', time: 1, news: 2 })).toEqual({ type: 'pong', time: 1 });
  });

  it('are refused with an error code nobody knows', () => {
    expect(serverFrames.bye.safeParse({ type: 'bye', code: 'session-ended', text: '' }).success).toBe(true);
    expect(serverFrames.bye.safeParse({ type: 'bye', code: 'because', text: '' }).success).toBe(false);
  });
});
