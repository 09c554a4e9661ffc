/*
 * Where what other apps share to this one waits until somebody says where it goes. The service worker puts it there, with no page and no key at hand: so it
 * lies open on the device, and as short as can be. Bounded; gone when it is taken, discarded, or a day old.
 */
export type Shared = {
  at: number;
  text: string;
  files: File[];
  /** How many files were too large or too many to be kept. */
  refused: number;
};

const MIB = 1024 * 1024;
/** `files` is what one message carries; of a text more is kept than a message holds, for its author to shorten. */
export const shelfLimits = { shares: 5, files: 10, bytes: 256 * MIB, text: 64 * 1024, ms: 24 * 60 * 60 * 1000 };

const [DATABASE, TABLE] = ['shared-to-app', 'shared'];
type Row = { key: number; shared: Shared };

/** What a form of the manifest's `share_target` brings; null when there is nothing in it. */
export function sharedBy(form: FormData, at: number): Shared | null {
  const [title, words, url] = ['title', 'text', 'url'].map((name) => {
    const value = form.get(name);
    return typeof value === 'string' ? value.trim() : '';
  }) as [string, string, string];
  // Many apps say the same in two or three of them.
  const parts = [words.includes(title) ? '' : title, words, words.includes(url) ? '' : url];
  const text = parts
    .filter((part) => part !== '')
    .join('\n')
    .slice(0, shelfLimits.text);
  const offered = form.getAll('files').filter((value) => value instanceof File && (value.size > 0 || value.name !== '')) as File[];
  const files = fitting(offered);
  const refused = offered.length - files.length;
  return text === '' && offered.length === 0 ? null : { at, text, files, refused };
}

function fitting(offered: File[]): File[] {
  let bytes = 0;
  return offered
    .filter(({ size }) => {
      if (bytes + size > shelfLimits.bytes) return false;
      bytes += size;
      return true;
    })
    .slice(0, shelfLimits.files);
}

const young = ({ at }: Shared, now: number) => Math.abs(now - at) < shelfLimits.ms; // a clock that was set back makes nothing immortal

/** Which of those that wait may stay beside a new one: the newest, as many as one message takes. Oldest first, as they are given. */
export function staying(waiting: readonly Shared[], fresh: Shared, now: number): Shared[] {
  const total = { shares: 1, files: fresh.files.length, bytes: sizeOf(fresh), text: fresh.text.length };
  const stay: Shared[] = [];
  for (const each of waiting.filter((one) => young(one, now)).toReversed()) {
    total.shares += 1;
    total.files += each.files.length;
    total.bytes += sizeOf(each);
    total.text += each.text.length;
    if (Object.entries(total).some(([what, much]) => much > shelfLimits[what as keyof typeof total])) break;
    stay.unshift(each);
  }
  return stay;
}
const sizeOf = ({ files }: Shared) => files.reduce((sum, { size }) => sum + size, 0);

/** Everything that waits, as one: words below each other, files in the order they came. Null when nothing does. */
export function together(waiting: readonly Shared[]): Omit<Shared, 'at'> | null {
  if (waiting.length === 0) return null;
  return {
    text: waiting
      .map(({ text }) => text)
      .filter((text) => text !== '')
      .join('\n'),
    files: waiting.flatMap(({ files }) => files),
    refused: waiting.reduce((sum, { refused }) => sum + refused, 0),
  };
}

/** Throws where the browser has no room left for it: then it is as before. */
export function putOnShelf(fresh: Shared): Promise<void> {
  return within('readwrite', async (table) => {
    const rows = await answer<Row[]>(table.getAll());
    const stay = new Set(
      staying(
        rows.map(({ shared }) => shared),
        fresh,
        fresh.at,
      ),
    );
    for (const { key, shared } of rows) if (!stay.has(shared)) table.delete(key);
    table.add({ shared: fresh });
  });
}

/** What waits, oldest first, and by what it is taken. */
export function lookAtShelf(now = Date.now()): Promise<{ keys: number[]; waiting: Shared[] }> {
  return within('readonly', async (table) => {
    const rows = (await answer<Row[]>(table.getAll())).filter(({ shared }) => young(shared, now));
    return { keys: rows.map(({ key }) => key), waiting: rows.map(({ shared }) => shared) };
  });
}

/** Taken, or not wanted. What came meanwhile stays. */
export function takeFromShelf(keys: readonly number[]): Promise<void> {
  return within('readwrite', async (table) => keys.forEach((key) => table.delete(key)));
}

export function emptyShelf(): Promise<void> {
  return within('readwrite', async (table) => void table.clear());
}

/** Deletes what waited for more than a day. */
export function sweepShelf(now = Date.now()): Promise<void> {
  return within('readwrite', async (table) => {
    for (const { key, shared } of await answer<Row[]>(table.getAll())) if (!young(shared, now)) table.delete(key);
  });
}

/** One transaction, done when it is on the disk. */
async function within<T>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => Promise<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE, { keyPath: 'key', autoIncrement: true });
  const database = await answer(opening);
  try {
    const transaction = database.transaction(TABLE, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException('not kept', 'AbortError'));
    });
    const [result] = await Promise.all([work(transaction.objectStore(TABLE)), done]);
    return result;
  } finally {
    database.close();
  }
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new DOMException('no answer', 'UnknownError'));
  });
}
