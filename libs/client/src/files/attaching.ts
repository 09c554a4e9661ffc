import { ConclaveError, toBase64url, type Attachment, type RoomId, type UserId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import { StoreError } from '../storage/store.ts';
import type { Attaching } from '../views/files.ts';
import type { FileLedger } from './file-ledger.ts';
import type { Prepare } from './prepare.ts';
import { newFileKey } from './sealing.ts';
import type { Vault } from './vault.ts';

export type AttachTools = { vault: Vault; prepare: Prepare };
type Beside = { duration?: number; voice?: number[] };
const nameMax = 255;

/** Makes a file ready to be sent: scaled, sealed, kept, and written down in the table of files. */
export function attach(
  tools: Promise<AttachTools>,
  ledger: FileLedger,
  { room, user }: { room: RoomId; user: UserId },
  file: File,
  beside: Beside = {},
): Attaching {
  const progress = new MutableCell<Attaching['progress']['value']>({ state: 'preparing', done: 0, size: file.size });
  const id = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
  let discarded = false;
  const forget = async () => {
    await (await tools).vault.forget(id);
    await ledger.remove(id);
  };
  const work = async (): Promise<Attachment> => {
    const { vault, prepare } = await tools;
    const { blob, name, type, preview } = await prepare(file);
    const key = newFileKey();
    progress.set({ state: 'sealing', done: 0, size: blob.size });
    const hash = await vault.seal(id, key, blob, (done) => progress.set({ state: 'sealing', done, size: blob.size }));
    const row = { room, mid: null, user, size: blob.size, hash, added: Date.now() };
    await ledger.put(id, { ...row, complete: true, wanted: false, withheld: false, stored: 'no' });
    if (discarded) await forget();
    progress.set({ state: 'ready', done: blob.size, size: blob.size });
    return {
      id,
      key: toBase64url(key),
      size: blob.size,
      hash,
      name: shortName(name),
      type: type.slice(0, 127),
      ...(preview ? { preview } : {}),
      ...beside,
    };
  };
  const attachment = work().catch(async (error: unknown) => {
    progress.update((before) => ({ ...before, state: 'failed' }));
    await forget().catch(() => undefined); // what there was of it is swept at the next start
    throw inWords(error);
  });
  attachment.catch(() => undefined); // told by `progress`, and to whoever waits
  const discard = () => {
    discarded = true;
    void attachment.then(forget, () => undefined);
  };
  return { progress, attachment, discard };
}

/** As many characters as a name may have, its ending kept. */
function shortName(name: string): string {
  if (name === '') return 'file';
  if (name.length <= nameMax) return name;
  const ending = /\.[^.]{1,20}$/.exec(name)?.[0] ?? '';
  return name.slice(0, nameMax - ending.length) + ending;
}

function inWords(error: unknown): unknown {
  if (error instanceof StoreError && error.code === 'full')
    return new ConclaveError(
      'unavailable',
      'This device has no room left for this file. Free some space, then try again.',
      undefined,
      'no-space',
    );
  if (error instanceof DOMException && error.name === 'NotReadableError')
    return new ConclaveError(
      'unavailable',
      'This file cannot be read. It may have been moved or changed: choose it again.',
      undefined,
      'unreadable',
    );
  return error;
}
