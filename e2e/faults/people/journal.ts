import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What one author has said, in a file that survives anything: a message counts as said once its line is on the disk. */
export class Journal {
  readonly said: string[] = [];
  /** Also what never resolved: it may be there or not, but not twice, and not without having been tried. */
  readonly tried = new Set<string>();
  readonly #file: number;
  #next = 0;

  constructor(
    folder: string,
    readonly author: string,
  ) {
    this.#file = openSync(join(folder, `${author}.journal`), 'a');
  }

  next(): string {
    const text = `${this.author} ${++this.#next}`;
    this.tried.add(text);
    return text;
  }

  write(text: string): void {
    writeSync(this.#file, `${text}\n`);
    fsyncSync(this.#file);
    this.said.push(text);
  }

  close(): void {
    closeSync(this.#file);
  }
}
