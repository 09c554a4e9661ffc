import type { UserId } from '../../protocol/src/index.ts';
import type { Platform } from './platform.ts';
import { browserFiles } from './files/browser-files.ts';
import { workerFinder } from './search/finder-calls.ts';
import { openWorkerSealer } from './sealing/worker-sealer.ts';
import { browserPasskeys } from './account/browser-passkeys.ts';
import { changeLocks, databaseName, destroyIdbStore, locksOf, openIdbStore } from './storage/idb-store.ts';
import type { Unlock } from './storage/locks.ts';

export type BrowserOptions = {
  /** Starts the worker whose entry is sealing/sealer-worker.ts: only the bundler knows its address. */
  startSealer: () => Worker;
  /** Starts the worker whose entry is search/finder-worker.ts. */
  startFinder: () => Worker;
  /** Starts the worker whose entry is files/files-worker.ts. */
  startFiles: () => Worker;
  rtcConfiguration?: Platform['rtcConfiguration'];
};

const rememberedKey = 'conclave.user';
const apartKey = 'conclave.apart';
const lockName = 'conclave.owner';

/** The client core's surroundings in a browser tab. */
export function browserPlatform({ startSealer, startFinder, startFiles, rtcConfiguration }: BrowserOptions): Platform {
  const files = browserFiles(startFiles);
  return {
    ...(files ? { files } : {}),
    origin: location.origin,
    fetch: (input, init) => fetch(input, init),
    openSocket: (url) => new WebSocket(url),
    rtc: globalThis.RTCPeerConnection ?? null,
    ...(rtcConfiguration ? { rtcConfiguration } : {}),
    missing,
    deviceName,
    startFinder: () => workerFinder(startFinder()),
    open: (user, unlock) => open(user, startSealer, unlock),
    locks: {
      of: (user) => locksOf(databaseName(user)),
      change: (user, unlock, change) => changeLocks(databaseName(user), unlock, change),
      destroy: (user) => destroyIdbStore(databaseName(user)),
    },
    lockAfter: rememberedNumber('conclave.lock-after'),
    passkeys: browserPasskeys(),
    apart: flag(apartKey),
    remembered: noted(rememberedKey),
    guest: noted('conclave.guest'),
    signingOut: flag('conclave.signing-out'),
    ownership: tabOwnership(),
    visible: () => document.visibilityState === 'visible',
    onWake,
  };
}

/** What must be there; features are tested, not sniffed (APP6). */
function missing(): string[] {
  const lacks: string[] = [];
  if (!globalThis.isSecureContext) lacks.push('a secure connection: open this site by https');
  if (!globalThis.indexedDB) lacks.push('storage: leave private browsing, or allow this site to store data');
  if (!globalThis.crypto?.subtle) lacks.push('WebCrypto');
  if (!globalThis.WebSocket) lacks.push('WebSocket');
  if (!globalThis.Worker) lacks.push('workers');
  if (!globalThis.navigator.locks) lacks.push('Web Locks');
  return lacks;
}

/** A name under which people recognise their devices; nothing is decided on it. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : /Firefox\//.test(agent)
      ? 'Firefox'
      : /Chrome\//.test(agent)
        ? 'Chrome'
        : /Safari\//.test(agent)
          ? 'Safari'
          : 'Browser';
  const system = /Android/.test(agent)
    ? 'Android'
    : /iPhone|iPad/.test(agent)
      ? 'iOS'
      : /Windows/.test(agent)
        ? 'Windows'
        : /Mac OS/.test(agent)
          ? 'macOS'
          : 'Linux';
  return `${browser} on ${system}`;
}

const noted = (key: string) => ({
  get: () => localStorage.getItem(key),
  set: (value: string | null) => (value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value)),
});
const flag = (key: string) => ({
  get: () => localStorage.getItem(key) !== null,
  set: (on: boolean) => noted(key).set(on ? 'yes' : null),
});

/** A number or nothing, kept in the clear: it is needed before anything opens. */
function rememberedNumber(key: string): { get: () => number | null; set: (value: number | null) => void } {
  return {
    get: () => (localStorage.getItem(key) === null ? null : Number(localStorage.getItem(key))),
    set: (value) => (value === null ? localStorage.removeItem(key) : localStorage.setItem(key, String(value))),
  };
}

async function open(user: UserId, startSealer: () => Worker, unlock: Unlock | undefined) {
  const name = databaseName(user);
  const store = await openIdbStore(name, 'take', unlock);
  // Asks for storage that the browser does not evict under pressure; a refusal changes nothing here.
  void navigator.storage?.persist?.();
  const worker = startSealer();
  const sealer = await openWorkerSealer(worker, { name, term: store.term, key: store.dataKey });
  const close = () => {
    sealer.close();
    void store.close();
  };
  return { store, sealer, close };
}

/** One owner tab under a Web Lock (delivery.md D10); the store's fence makes stealing safe. */
function tabOwnership(): Platform['ownership'] {
  let letGo: (() => void) | null = null;
  let lost: () => void = () => undefined;
  const take = (steal: boolean) =>
    new Promise<boolean>((granted) => {
      if (letGo) return granted(true);
      const options: LockOptions = steal ? { steal: true } : { ifAvailable: true };
      const held = navigator.locks.request(lockName, options, (lock) => {
        granted(lock !== null);
        if (!lock) return;
        return new Promise<void>((resolve) => (letGo = resolve));
      });
      held.catch((error: unknown) => {
        if (!(error instanceof DOMException) || error.name !== 'AbortError') throw error;
        letGo = null; // stolen by another tab
        lost();
      });
    });
  return {
    take,
    release: () => {
      letGo?.();
      letGo = null;
    },
    onLost: (listener) => (lost = listener),
  };
}

function onWake(listener: (why: 'online' | 'visible') => void): () => void {
  const online = () => listener('online');
  const visible = () => document.visibilityState === 'visible' && listener('visible');
  window.addEventListener('online', online);
  document.addEventListener('visibilitychange', visible);
  return () => {
    window.removeEventListener('online', online);
    document.removeEventListener('visibilitychange', visible);
  };
}
