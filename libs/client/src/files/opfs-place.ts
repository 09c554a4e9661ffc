import { StoreError } from '../storage/store.ts';
import type { FilePlace } from './place.ts';

/** As much of a FileSystemSyncAccessHandle as is used; the page's types do not know it, since only workers have it. */
type Handle = {
  getSize(): number;
  read(buffer: Uint8Array, at: { at: number }): number;
  write(buffer: Uint8Array, at: { at: number }): number;
  close(): void;
};
type Opener = FileSystemFileHandle & { createSyncAccessHandle(): Promise<Handle> };

/** Files that stay open at a time. */
const OPEN = 12;
/** The worker of the tab that was here before may hold a file a moment longer. */
const HELD_MS = 4_000;

const hexOf = (id: string) =>
  Array.from(atob(id.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
const idOf = (hex: string) =>
  btoa(String.fromCharCode(...(hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16))))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

/** Files in the browser's own file system (OPFS), from a worker: reads and writes there block nobody. Not every disk tells ids apart by case. */
export class OpfsPlace implements FilePlace {
  readonly #handles = new Map<string, Promise<Handle | null>>();

  private constructor(
    private readonly sealed: FileSystemDirectoryHandle,
    private readonly plain: FileSystemDirectoryHandle,
  ) {}

  /** What was looked at before a crash goes at once. */
  static async open(name: string): Promise<OpfsPlace> {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle(name, { create: true });
    await removed(root, 'plain');
    return new OpfsPlace(
      await root.getDirectoryHandle('sealed', { create: true }),
      await root.getDirectoryHandle('plain', { create: true }),
    );
  }

  async size(id: string): Promise<number> {
    return (await this.#handle(id, false))?.getSize() ?? 0;
  }

  async read(id: string, from: number, to: number): Promise<Uint8Array> {
    const handle = await this.#handle(id, false);
    const bytes = new Uint8Array(Math.max(0, Math.min(to, handle?.getSize() ?? 0) - from));
    return bytes.subarray(0, handle?.read(bytes, { at: from }) ?? 0);
  }

  async write(id: string, at: number, bytes: Uint8Array): Promise<void> {
    wrote((await this.#handle(id, false)) ?? (await this.#handle(id, true))!, bytes, at);
  }

  async remove(id: string): Promise<void> {
    await this.#close(id);
    await removed(this.sealed, hexOf(id));
  }

  async all(): Promise<string[]> {
    const ids: string[] = [];
    for await (const name of (this.sealed as FileSystemDirectoryHandle & { keys(): AsyncIterable<string> }).keys()) ids.push(idOf(name));
    return ids;
  }

  async beginPlain(id: string) {
    await removed(this.plain, hexOf(id));
    const file = await this.plain.getFileHandle(hexOf(id), { create: true });
    const handle = await held(file);
    let at = 0;
    const write = async (bytes: Uint8Array) => {
      wrote(handle, bytes, at);
      at += bytes.length;
    };
    const done = async (): Promise<Blob> => {
      handle.close();
      return file.getFile();
    };
    return { write, done };
  }

  removePlain(id: string): Promise<void> {
    return removed(this.plain, hexOf(id));
  }

  #handle(id: string, create: boolean): Promise<Handle | null> {
    const known = this.#handles.get(id);
    if (known) {
      this.#handles.delete(id); // to the end: used last
      this.#handles.set(id, known);
      return known;
    }
    const handle = this.#openHandle(id, create);
    this.#handles.set(id, handle);
    const forget = () => this.#handles.get(id) === handle && this.#handles.delete(id);
    handle.then((found) => found ?? forget(), forget);
    void this.#closeOldest();
    return handle;
  }

  async #openHandle(id: string, create: boolean): Promise<Handle | null> {
    try {
      return await held(await this.sealed.getFileHandle(hexOf(id), { create }));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return null;
      throw error;
    }
  }

  async #closeOldest(): Promise<void> {
    const [oldest] = this.#handles.keys();
    if (this.#handles.size > OPEN && oldest !== undefined) await this.#close(oldest);
  }

  async #close(id: string): Promise<void> {
    const handle = this.#handles.get(id);
    this.#handles.delete(id);
    (await handle)?.close();
  }
}

async function held(file: FileSystemFileHandle): Promise<Handle> {
  for (const end = Date.now() + HELD_MS; ;) {
    try {
      return await (file as Opener).createSyncAccessHandle();
    } catch (error) {
      const busy = error instanceof DOMException && error.name === 'NoModificationAllowedError';
      if (!busy || Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function wrote(handle: Handle, bytes: Uint8Array, at: number): void {
  try {
    if (handle.write(bytes, { at }) === bytes.length) return;
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError') throw error;
  }
  throw new StoreError('full', 'the browser gives no more space');
}

async function removed(dir: FileSystemDirectoryHandle, name: string): Promise<void> {
  try {
    await dir.removeEntry(name, { recursive: true });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== 'NotFoundError') throw error;
  }
}
