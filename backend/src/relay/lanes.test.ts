import { describe, expect, it } from 'vitest';
import type { Connection } from '../presence/connection.ts';
import { enter, holdUp, leave, skip } from './lanes.ts';

const room = '00000000-0000-4000-8000-000000000001';
const connection = () => ({}) as Connection;

describe('the order of submissions (delivery.md D4)', () => {
  it('is that of their numbers: another than the next is not taken', () => {
    const ann = connection();
    expect([enter(ann, room, 2), enter(ann, room, 1)?.n, enter(ann, room, 1), enter(ann, room, 2)?.n]).toEqual([null, 1, null, 2]);
  });

  it('begins anew at a refusal: what was taken after it is void, what was taken before it goes on', () => {
    const ann = connection();
    const one = enter(ann, room, 1)!;
    const two = enter(ann, room, 2)!;
    const three = enter(ann, room, 3)!;
    expect(holdUp(two)).toBe(true);
    expect([one.due, two.due, three.due]).toEqual([true, false, false]);
    expect([enter(ann, room, 4), enter(ann, room, 2)?.n, enter(ann, room, 3)?.n]).toEqual([null, 2, 3]);
    leave(one);
  });

  it('goes back to the earliest refusal, and not forward to a later one that is told after it', () => {
    const ann = connection();
    const one = enter(ann, room, 1)!;
    enter(ann, room, 2);
    const three = enter(ann, room, 3)!;
    expect([holdUp(three), holdUp(one), holdUp(three)]).toEqual([true, true, false]);
    expect([enter(ann, room, 3), enter(ann, room, 2), enter(ann, room, 1)?.n]).toEqual([null, null, 1]);
  });

  it('passes over what is skipped, once it is due', () => {
    const ann = connection();
    const one = enter(ann, room, 1)!;
    skip(ann, room, 1);
    expect(enter(ann, room, 2)?.n).toBe(2);
    holdUp(one);
    skip(ann, room, 1);
    expect(enter(ann, room, 2)?.n).toBe(2);
  });
});
