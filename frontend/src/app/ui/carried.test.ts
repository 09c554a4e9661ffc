import { describe, expect, it } from 'vitest';
import { Carried } from './carried.ts';

describe('files on the way to a room', () => {
  const files = [new File(['abc'], 'a.txt')];

  it('arrive there, once', () => {
    const carried = new Carried();
    carried.give('kitchen', files);
    expect(carried.take('kitchen')).toEqual(files);
    expect(carried.take('kitchen')).toEqual([]);
  });
  it('arrive nowhere when another room is opened instead', () => {
    const carried = new Carried();
    carried.give('kitchen', files);
    expect(carried.take('cellar')).toEqual([]);
    expect(carried.take('kitchen')).toEqual([]);
  });
});
