import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The forms in which words could stand in a file or frame: plain, UTF-16, hex and base64 at each of its three alignments. */
export function formsOf(word: string): Map<string, Buffer> {
  const plain = Buffer.from(word, 'utf8');
  const utf16 = Buffer.from(word, 'utf16le');
  const forms = new Map([
    ['UTF-8', plain],
    ['UTF-16LE', utf16],
    ['UTF-16BE', Buffer.from(utf16).swap16()],
    ['hex', Buffer.from(plain.toString('hex'))],
    ['HEX', Buffer.from(plain.toString('hex').toUpperCase())],
  ]);
  for (const [name, bytes] of [['base64', plain] as const, ['base64 of UTF-16LE', utf16] as const])
    for (const shift of [0, 1, 2]) {
      // What does not depend on the neighbours: whole groups of three bytes within the word.
      const skip = (3 - shift) % 3;
      const whole = bytes.subarray(skip, skip + Math.floor((bytes.length - skip) / 3) * 3).toString('base64');
      forms.set(`${name} at ${shift}`, Buffer.from(whole));
      forms.set(`${name}url at ${shift}`, Buffer.from(whole.replaceAll('+', '-').replaceAll('/', '_')));
    }
  return forms;
}

/** Where a word stands in some bytes, in any form: `place: form`. */
export function findIn(place: string, bytes: Buffer, word: string): string[] {
  return [...formsOf(word)].filter(([, form]) => bytes.includes(form)).map(([name]) => `${place}: ${name}`);
}

/** Same, for every file below a folder. */
export async function findBelow(folder: string, word: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found.push(...findIn(path, await readFile(path), word));
  }
  return found;
}
