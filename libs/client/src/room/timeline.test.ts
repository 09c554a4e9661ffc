import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryRow, OutboxRow } from './rows.ts';
import { fold, stateOf } from './timeline.ts';

const row = (change: Partial<EntryRow>): EntryRow => ({
  mid: 'm0',
  user: 'ann',
  device: 'a1',
  aseq: 1,
  order: { ms: 100, counter: 0 },
  at: 100,
  arrived: 100,
  body: { kind: 'text', text: 'first words' },
  statement: new Uint8Array(),
  signature: new Uint8Array(),
  generation: 0,
  epoch: 0,
  ahead: false,
  to: null,
  ...change,
});
const target = 'm0';
const edit = (mid: string, text: string, ms: number, user = 'ann') =>
  row({ mid, user, device: `${user}-device`, order: { ms, counter: 0 }, body: { kind: 'edit', target, text } });
const remove = (mid: string, ms: number, user = 'ann') => row({ mid, user, order: { ms, counter: 0 }, body: { kind: 'delete', target } });
const react = (mid: string, user: string, emoji: string, on: boolean, ms: number) =>
  row({ mid, user, device: `${user}-device`, order: { ms, counter: 0 }, body: { kind: 'react', target, emoji, on } });
const shown = (operations: EntryRow[]) => fold('key', row({}), operations, { user: 'ann' }, (user) => user.toUpperCase());

describe('a message with the operations on it (delivery.md D9)', () => {
  it('shows the words of the highest edit, whatever came last', () => {
    const operations = [edit('m2', 'second', 300), edit('m1', 'earlier', 200)];
    expect(shown(operations)).toMatchObject({ text: 'second', edited: true, deleted: false });
  });

  it('takes no edit and no delete from anybody but its author', () => {
    expect(shown([edit('m1', 'forged', 300, 'bob'), remove('m2', 400, 'bob')])).toMatchObject({
      text: 'first words',
      edited: false,
      deleted: false,
    });
  });

  it('stays deleted: delete wins over any edit, and takes reactions with it', () => {
    expect(shown([remove('m1', 200), edit('m2', 'back again', 900), react('m3', 'bob', '👍', true, 950)])).toMatchObject({
      text: '',
      deleted: true,
      edited: false,
      reactions: [],
    });
  });

  it('counts each person’s last word on each emoji', () => {
    const operations = [react('r1', 'bob', '👍', true, 200), react('r2', 'bob', '👍', false, 300), react('r3', 'ann', '👍', true, 250)];
    expect(shown(operations)).toMatchObject({ reactions: [{ emoji: '👍', users: ['ann'], mine: true }] });
  });

  it('is the same in whatever order operations came, also two under one number (D2)', () => {
    const operations = [
      edit('m1', 'one', 300),
      edit('m2', 'two', 300),
      edit('m3', 'three', 200),
      react('r1', 'bob', '👍', true, 200),
      react('r2', 'bob', '👍', false, 200),
      react('r3', 'cy', '🎉', true, 210),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(operations, { minLength: operations.length }), (shuffled) => {
        expect(shown(shuffled)).toEqual(shown(operations));
      }),
    );
  });

  it('an operation is no message by itself', () => {
    expect(fold('key', edit('m1', 'x', 1), [], { user: 'ann' }, (user) => user)).toBeNull();
  });
});

describe('what the author sees of a message (MSG2, D6)', () => {
  const to = [
    { user: 'bob', devices: ['b1', 'b2'] },
    { user: 'cy', devices: ['c1'] },
  ];
  const outbox = (change: Partial<OutboxRow>) =>
    ({ remaining: ['b1'], held: [], acknowledged: [], failed: null, sealed: {}, ...change }) as unknown as OutboxRow;
  const receipts = (list: Record<string, [delivered: number, read: number, from?: number]>) =>
    new Map(Object.entries(list).map(([device, [delivered, read, from = 1]]) => [device, { user: device, delivered, read, from }]));
  const state = (out: OutboxRow | undefined, said = receipts({}), online = true, inGroup?: (device: string) => boolean) =>
    stateOf({ aseq: 5, to }, out, said, 'ann', online, inGroup);

  it('is waiting until a copy is known to be somewhere else', () => {
    expect(state(outbox({}))).toEqual({ state: 'waiting', why: 'sending' });
    expect(state(outbox({}), receipts({}), false)).toEqual({ state: 'waiting', why: 'offline' });
  });

  it('is direct when a device has acknowledged, held when the relay has it', () => {
    expect(state(outbox({ acknowledged: ['b1'] }))).toEqual({ state: 'direct' });
    expect(state(outbox({ held: ['b1'] }))).toEqual({ state: 'held' });
  });

  it('is delivered and read by people, not by devices, and only by what sealed receipts say', () => {
    expect(state(outbox({}), receipts({ b1: [5, 0], b2: [5, 0] }))).toEqual({ state: 'delivered', n: 1, m: 2 });
    expect(state(outbox({}), receipts({ b1: [4, 0] }))).toEqual({ state: 'waiting', why: 'sending' });
    expect(state(undefined, receipts({ b1: [9, 5], c1: [9, 9] }))).toEqual({ state: 'read', n: 2, m: 2 });
  });

  it('is not delivered to a device whose sequence begins after it', () => {
    expect(state(outbox({ held: ['b1'] }), receipts({ b1: [9, 9, 6] }))).toEqual({ state: 'held' });
  });

  it('shrinks when somebody’s last device is removed, unless it had the message', () => {
    const gone = (device: string) => device !== 'c1';
    expect(state(outbox({}), receipts({ b1: [5, 0] }), true, gone)).toEqual({ state: 'delivered', n: 1, m: 1 });
    expect(state(outbox({}), receipts({ c1: [5, 0] }), true, gone)).toEqual({ state: 'delivered', n: 1, m: 2 });
  });

  it('is failed with the reason, whatever else is known', () => {
    expect(state(outbox({ failed: 'why', held: ['b1'] }), receipts({ b1: [5, 5] }))).toEqual({ state: 'failed', reason: 'why' });
  });
});
