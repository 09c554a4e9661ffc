import { inject, Injectable } from '@angular/core';
import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';
import { CONCLAVE } from '../../conclave.ts';
import { safeType } from './file-kinds.ts';

type Opened = { url: Promise<string>; users: number };
/** What nobody looks at any more stays so long, since one scrolls to and fro. */
const LINGER_MS = 20_000;

/** Plain files as addresses that only this page knows, for as long as something shows them. */
@Injectable({ providedIn: 'root' })
export class OpenedFiles {
  readonly #client = inject(CONCLAVE);
  readonly #opened = new Map<string, Opened>();

  /** Call `close` as often. */
  open(file: Attachment): Promise<string> {
    const known = this.#opened.get(file.id);
    if (known) {
      known.users++;
      return known.url;
    }
    const url = this.#client.files.open(file).then((blob) => URL.createObjectURL(blob.slice(0, blob.size, safeType(file))));
    this.#opened.set(file.id, { url, users: 1 });
    url.catch(() => this.#opened.delete(file.id)); // told to whoever waits
    return url;
  }

  close({ id }: Attachment): void {
    const opened = this.#opened.get(id);
    if (!opened || --opened.users > 0) return;
    setTimeout(() => void this.#forget(id, opened), LINGER_MS);
  }

  /** To the folder for downloads. A large one is read from the disk while it is saved, so it lingers. */
  async save(file: Attachment): Promise<void> {
    const link = document.createElement('a');
    link.href = await this.open(file);
    link.download = file.name;
    link.click();
    setTimeout(() => this.close(file), 3 * LINGER_MS);
  }

  async #forget(id: string, opened: Opened): Promise<void> {
    if (opened.users > 0 || this.#opened.get(id) !== opened) return;
    this.#opened.delete(id);
    URL.revokeObjectURL(await opened.url);
    this.#client.files.close(id);
  }
}
