import * as z from 'zod';
import { Backup, backupPart, ConclaveError, fromBase64url, toBase64url, type UserId } from '../../../protocol/src/index.ts';
import type { Page } from '../archive/page.ts';
import { MutableCell } from '../cell.ts';
import { SealError, type Identity, type Sealer } from '../sealing/sealer.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Store } from '../storage/store.ts';
import type { RecoveryFace, RecoveryView } from './contract.ts';
import type { PhraseKeys } from './phrase.ts';

/** What this device keeps of the phrase: enough to refresh the history, not to open the account's keys. */
type Row = { phrase: string; keys: string; history: Uint8Array; savedAt: number };
export type RecoveryPlace = {
  rest: RestClient;
  opened: () => { store: Store; sealer: Sealer } | null;
  /** All of the history, newest first; null while nobody is signed in. */
  pages: () => AsyncIterable<Page> | null;
  /** Takes pages as this account's own. */
  take: (pages: AsyncIterable<Page>) => Promise<unknown>;
};

const KEY = 'recovery';
const RESTORE = 'restore';
const dayMs = 86_400_000;
/** A snapshot ends before the last part of what it may have. */
const margin = 64 * 1024;

/** The recovery phrase and the sealed backup on the server (E2E10). */
export class Recovery implements RecoveryFace {
  readonly view = new MutableCell<RecoveryView>({ state: 'unknown', madeAt: null, history: null, busy: null });
  #working: Promise<void> | null = null;

  constructor(private readonly place: RecoveryPlace) {}

  async look(): Promise<RecoveryView> {
    const row = await this.#row();
    const backup = await this.#backup();
    const state = backup === null ? 'off' : row?.phrase === backup.phrase ? 'on' : 'elsewhere';
    const { snapshot = null, madeAt = null } = backup ?? {};
    this.view.update((view) => ({ ...view, state, madeAt, history: snapshot && { madeAt: snapshot.madeAt, bytes: snapshot.bytes } }));
    return this.view.value;
  }

  async newPhrase(): Promise<string[]> {
    return (await import('./phrase.ts')).newPhrase();
  }

  async turnOn(words: string[]): Promise<void> {
    const { store, sealer } = this.#must();
    const phrase = await keysOf(words.join(' '));
    const keys = toBase64url(await sealer.backUp(phrase.keys));
    await this.place.rest.as('PUT', '/api/backup', Backup, { json: { phrase: phrase.id, keys, snapshot: null } });
    await this.#keep(store, phrase, keys, 0);
    await this.look();
    void this.refresh().catch(() => undefined); // tried again within the hour
  }

  async turnOff(): Promise<void> {
    await this.place.rest.ask('DELETE', '/api/backup');
    await this.#must().store.write([KEY, RESTORE].map((key) => ({ table: 'meta', key, value: undefined })));
    await this.look();
  }

  /** Saves the history as it is now, where the phrase was set up here. One at a time. */
  refresh(): Promise<void> {
    this.#working ??= this.#busy('saving', () => this.#save()).finally(() => (this.#working = null));
    return this.#working;
  }

  /** From time to time: at most once a day. */
  async tend(now = Date.now()): Promise<void> {
    if ((await this.#must().store.get('meta', RESTORE)) !== undefined) return this.restore();
    const row = await this.#row();
    if (row && now - row.savedAt >= dayMs) await this.refresh();
  }

  /**
   * On a browser without keys: the account's from the backup. The history comes once the device is at work. Throws ConclaveError: `not-found`
   * without a backup, `bad-credentials` for words that are no phrase, or not the newest one.
   */
  async recover(user: UserId, typed: string): Promise<Identity> {
    const { store, sealer } = this.#must();
    const phrase = await keysOf(typed);
    const backup = await this.place.rest.as('GET', '/api/backup', Backup);
    if (backup.phrase !== phrase.id)
      throw new ConclaveError('bad-credentials', 'another phrase was made since', undefined, 'recovery-phrase-other');
    const identity = await sealer.recover(user, phrase.keys, fromBase64url(backup.keys)).catch((error: unknown) => {
      if (!(error instanceof SealError) || error.code !== 'bad-link') throw error;
      throw new ConclaveError('bad-credentials', 'the backup does not open with this phrase', undefined, 'recovery-phrase-other');
    });
    await this.#keep(store, phrase, backup.keys, Date.now());
    await store.write([{ table: 'meta', key: RESTORE, value: true }]);
    return identity;
  }

  /** Brings the history back, where that was begun; again after a reload, until it is done. */
  restore(): Promise<void> {
    this.#working ??= this.#busy('restoring', () => this.#restore()).finally(() => (this.#working = null));
    return this.#working;
  }

  async #restore(): Promise<void> {
    const { store } = this.#must();
    const row = await this.#row();
    if (!row || (await store.get('meta', RESTORE)) === undefined) return;
    const backup = await this.#backup();
    if (backup?.snapshot && backup.phrase === row.phrase) {
      const { id, parts } = backup.snapshot;
      const { ArchiveError, openPages } = await archives();
      try {
        await this.place.take(openPages({ key: row.history }, this.#parts(id, parts)));
      } catch (error) {
        if (!(error instanceof ArchiveError)) throw error; // a damaged one stays damaged: what came before it is here
      }
    }
    await store.write([{ table: 'meta', key: RESTORE, value: undefined }]);
  }

  async *#parts(snapshot: string, count: number): AsyncGenerator<Uint8Array> {
    for (let n = 0; n < count; n++) yield await this.place.rest.bytes(`/api/backup/parts/${snapshot}/${n}`);
  }

  async #save(): Promise<void> {
    const { store } = this.#must();
    const row = await this.#row();
    const backup = row && (await this.#backup());
    if (!row || backup?.phrase !== row.phrase) return; // off, or another phrase since
    const pages = this.place.pages();
    if (!pages) return;
    const { sealPages } = await archives();
    const id = toBase64url(crypto.getRandomValues(new Uint8Array(16)));
    let parts = 0;
    if (backup.maxBytes > 0)
      for await (const part of inParts(sealPages({ key: row.history }, within(pages, backup.maxBytes - margin)))) {
        const path = `/api/backup/parts/${id}/${parts++}`;
        await this.place.rest.ask('PUT', path, { bytes: part });
      }
    const json = { phrase: row.phrase, keys: row.keys, snapshot: parts > 0 ? { id, parts } : null };
    await this.place.rest.as('PUT', '/api/backup', Backup, { json });
    await store.write([{ table: 'meta', key: KEY, value: { ...row, savedAt: Date.now() } }]);
    await this.look();
  }

  async #busy(busy: 'saving' | 'restoring', work: () => Promise<void>): Promise<void> {
    this.view.update((view) => ({ ...view, busy }));
    try {
      await work();
    } finally {
      this.view.update((view) => ({ ...view, busy: null }));
    }
  }

  #keep(store: Store, { id, history }: PhraseKeys, keys: string, savedAt: number): Promise<void> {
    return store.write([{ table: 'meta', key: KEY, value: { phrase: id, keys, history, savedAt } satisfies Row }]);
  }

  async #row(): Promise<Row | null> {
    return (await this.#must().store.get<Row>('meta', KEY)) ?? null;
  }

  async #backup(): Promise<z.infer<typeof Backup> | null> {
    try {
      return await this.place.rest.as('GET', '/api/backup', Backup);
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'not-found') return null;
      throw error;
    }
  }

  #must(): { store: Store; sealer: Sealer } {
    const opened = this.place.opened();
    if (!opened) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return opened;
  }
}

/** Rarely needed: kept out of what loads first. */
const archives = () => import('../archive/sealed-pages.ts');

async function keysOf(typed: string): Promise<PhraseKeys> {
  const phrase = await (await import('./phrase.ts')).keysOfPhrase(typed);
  if (!phrase) throw new ConclaveError('bad-credentials', 'these words are no recovery phrase', undefined, 'recovery-phrase');
  return phrase;
}

/** Pages until this many bytes are about to be full: the newest of each room come first, and the oldest are left out. */
async function* within(pages: AsyncIterable<Page>, most: number): AsyncGenerator<Page> {
  let bytes = 0;
  for await (const page of pages) {
    bytes += page.kind === 'entries' ? page.entries.reduce((sum, { message }) => sum + message.statement.length + 320, 0) : 4096;
    if (bytes > most) return;
    yield page;
  }
}

async function* inParts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces)
    for (let at = 0; at < piece.length;) {
      const slice = piece.subarray(at, at + backupPart - size);
      held.push(slice);
      size += slice.length;
      at += slice.length;
      if (size < backupPart) continue;
      yield joined(held, size);
      [held, size] = [[], 0];
    }
  if (size > 0) yield joined(held, size);
}

function joined(pieces: Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
