import { describe, expect, it } from 'vitest';
import type { MessageState, Reach } from '../../../../libs/client/src/index.ts';
import { icons } from '../ui/icons.ts';
import { stateWords } from './message-state.ts';
import { reachIcon, reachSummary, reachWords } from './reach.ts';

const reaches: Reach[] = ['self', 'direct', 'turn', 'relay', 'connecting', 'away'];
const member = (reach: Reach, waiting = 0) => ({ reach, waiting, joining: false, devices: [{ device: 'd', reach }] });

describe('how members are reached (MESH7)', () => {
  it('sums up in words', () => expect(reachSummary({ direct: 7, total: 9 })).toBe('7 of 9 direct'));
  it('sums up even when nobody is direct', () => expect(reachSummary({ direct: 0, total: 2 })).toBe('0 of 2 direct'));
  it('claims no connection when nobody else is here', () => expect(reachSummary({ direct: 0, total: 0 })).not.toContain('direct'));
  it('tells every reach apart by words', () =>
    expect(new Set(reaches.map((reach) => reachWords(member(reach)))).size).toBe(reaches.length));
  it('tells every reach apart by shape', () =>
    expect(new Set(reaches.map((reach) => icons[reachIcon(reach)].join())).size).toBe(reaches.length));
  it('counts what waits for somebody away', () => {
    expect(reachWords(member('away', 3))).toBe('Away, 3 messages wait');
    expect(reachWords(member('away', 1))).toBe('Away, 1 message waits');
    expect(reachWords(member('away'))).toBe('Away');
  });
});

const states: MessageState[] = [
  { state: 'waiting', why: 'sending' },
  { state: 'waiting', why: 'audience-grew' },
  { state: 'direct' },
  { state: 'held' },
  { state: 'delivered', n: 1, m: 2 },
  { state: 'read', n: 1, m: 2 },
  { state: 'failed', reason: 'the room is full' },
];

describe('what became of a message (MSG2)', () => {
  it('has words of its own for every state', () => expect(new Set(states.map((state) => stateWords(state).full)).size).toBe(states.length));
  it('has a shape of its own for every kind of state', () => {
    const kinds = states.filter((state) => !('why' in state && state.why === 'audience-grew'));
    expect(new Set(kinds.map((state) => stateWords(state).icon)).size).toBe(kinds.length);
  });
  it('says why a message failed, and offers to try again', () => {
    const words = stateWords({ state: 'failed', reason: 'the room is full' });
    expect(words.full).toContain('the room is full');
    expect(words.acts).toEqual(['retry', 'cancel']);
  });
  it('offers to send anyway only when the audience grew', () => {
    expect(stateWords({ state: 'waiting', why: 'audience-grew' }).acts).toContain('anyway');
    expect(stateWords({ state: 'waiting', why: 'offline' }).acts).not.toContain('anyway');
  });
  it('counts people, one of them in the singular', () => {
    expect(stateWords({ state: 'read', n: 1, m: 1 }).full).toBe('Read by 1 of 1 person.');
    expect(stateWords({ state: 'delivered', n: 1, m: 3 }).full).toBe('Delivered to 1 of 3 people.');
  });
});
