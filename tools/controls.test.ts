import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { controls } from '../e2e/faults/controls.ts';

describe('bugs that the fault runs plant', () => {
  it.each(controls)('$name has its place in the sources still', ({ patches }) => {
    for (const { file, find } of patches) expect([file, readFileSync(file, 'utf8').split(find).length - 1]).toEqual([file, 1]);
  });
});
