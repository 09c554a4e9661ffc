import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  emptyShelf,
  lookAtShelf,
  putOnShelf,
  sharedBy,
  shelfLimits,
  staying,
  sweepShelf,
  takeFromShelf,
  together,
  type Shared,
} from './shelf.ts';

const file = (name: string, size = 3): File => Object.defineProperty(new File(['abc'], name), 'size', { value: size });
const form = (fields: Record<string, string>, ...files: File[]): FormData => {
  const filled = new FormData();
  for (const [name, value] of Object.entries(fields)) filled.append(name, value);
  for (const each of files) filled.append('files', each);
  return filled;
};
const shared = (at: number, text = '', ...files: File[]): Shared => ({ at, text, files, refused: 0 });
const day = shelfLimits.ms;

describe('what another app shares', () => {
  it('is words below each other, what is said twice once', () => {
    expect(sharedBy(form({ title: 'Cake', text: 'How to bake', url: 'https://cake.example' }), 1)?.text).toBe(
      'Cake\nHow to bake\nhttps://cake.example',
    );
    expect(sharedBy(form({ title: 'Cake', text: 'Cake https://cake.example', url: 'https://cake.example' }), 1)?.text).toBe(
      'Cake https://cake.example',
    );
    expect(sharedBy(form({ title: ' ', text: '', url: '' }), 1)).toBeNull();
    expect(sharedBy(form({ text: 'x'.repeat(shelfLimits.text + 1) }), 1)?.text).toHaveLength(shelfLimits.text);
  });

  it('takes as many files as a message carries, and tells how many stayed behind', () => {
    const many = Array.from({ length: 12 }, (_, n) => file(`${n}.txt`));
    const { files, refused } = sharedBy(form({}, ...many), 1)!;
    expect([files.length, refused]).toEqual([10, 2]);
    expect(files.map(({ name }) => name)).toEqual(many.slice(0, 10).map(({ name }) => name));
  });

  it('leaves out what is too large, and keeps what fits beside it', () => {
    const offered = form({});
    const parts = [file('film.mp4', shelfLimits.bytes + 1), file('note.txt')];
    offered.getAll = (name) => (name === 'files' ? parts : []);
    const { files, refused } = sharedBy(offered, 1)!;
    expect([files.map(({ name }) => name), refused]).toEqual([['note.txt'], 1]);
  });

  it('is no file where a form’s field was left empty, and no text where a file was sent for one', () => {
    expect(sharedBy(form({}, new File([], '')), 1)).toBeNull();
    const odd = form({});
    odd.append('text', new File(['abc'], 'text.txt'));
    expect(sharedBy(odd, 1)).toBeNull();
  });
});

describe('what waits', () => {
  it('is joined by what comes later, as long as one message takes all of it', () => {
    const [one, two] = [shared(1, 'one', file('a')), shared(2, 'two', file('b'))];
    expect(staying([one, two], shared(3), 3)).toEqual([one, two]);
    expect(together([one, two])).toEqual({ text: 'one\ntwo', files: [...one.files, ...two.files], refused: 0 });
    expect(together([])).toBeNull();
  });

  it('gives way, the oldest first, to what is newer', () => {
    const nine = shared(2, '', ...Array.from({ length: 9 }, (_, n) => file(String(n))));
    const old = shared(1, 'old', file('a'));
    expect(staying([old, nine], shared(3, 'text'), 3)).toEqual([old, nine]);
    expect(staying([old, nine], shared(3, '', file('x')), 3)).toEqual([nine]);
    expect(staying([old, nine], shared(3, '', file('x'), file('y')), 3)).toEqual([]);
    expect(staying([shared(1, '', file('a', shelfLimits.bytes))], shared(2, '', file('b', 1)), 2)).toEqual([]);
    expect(
      staying(
        Array.from({ length: 7 }, (_, n) => shared(n)),
        shared(8),
        8,
      ),
    ).toHaveLength(shelfLimits.shares - 1);
    expect(staying([shared(1, 'x'.repeat(shelfLimits.text))], shared(2, 'y'), 2)).toEqual([]);
  });

  it('is for a day, whatever becomes of the clock', () => {
    expect(staying([shared(0)], shared(day), day)).toEqual([]);
    expect(staying([shared(0)], shared(day - 1), day - 1)).toHaveLength(1);
    expect(staying([shared(3 * day)], shared(day), day)).toEqual([]);
  });
});

describe('the shelf', () => {
  beforeEach(() => emptyShelf());

  it('holds it until it is taken, and what came meanwhile stays', async () => {
    await putOnShelf(shared(1, 'one'));
    const { keys, waiting } = await lookAtShelf(1);
    expect(waiting.map(({ text }) => text)).toEqual(['one']);
    await putOnShelf(shared(2, 'two'));
    await takeFromShelf(keys);
    expect((await lookAtShelf(2)).waiting.map(({ text }) => text)).toEqual(['two']);
  });

  it('shows nothing that is a day old, and deletes it', async () => {
    await putOnShelf(shared(1, 'old'));
    await putOnShelf(shared(day, 'new'));
    const texts = async (now: number) => (await lookAtShelf(now)).waiting.map(({ text }) => text);
    expect(await texts(day)).toEqual(['old', 'new']);
    expect(await texts(day + 1)).toEqual(['new']);
    await sweepShelf(day + 1);
    expect(await texts(day)).toEqual(['new']);
  });

  it('makes room for what is new', async () => {
    for (let n = 1; n <= shelfLimits.shares + 2; n++) await putOnShelf(shared(n, String(n)));
    expect((await lookAtShelf(9)).waiting.map(({ text }) => text)).toEqual(['3', '4', '5', '6', '7']);
  });
});
