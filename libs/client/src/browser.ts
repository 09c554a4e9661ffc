import type { UserId } from '../../protocol/src/index.ts';
import type { Platform } from './platform.ts';
import { openWorkerSealer } from './sealing/worker-sealer.ts';
import { openIdbStore } from './storage/idb-store.ts';

export type BrowserOptions = {
  /** Starts the worker whose entry is sealing/sealer-worker.ts: only the bundler knows its address. */
  startSealer: () => Worker;
  rtcConfiguration?: Platform['rtcConfiguration'];
};

const rememberedKey = 'conclave.user';
const apartKey = 'conclave.apart';
const lockName = 'conclave.owner';

/** The client core's surroundings in a browser tab. */
export function browserPlatform({ startSealer, rtcConfiguration }: BrowserOptions): Platform {
  return {
    origin: location.origin,
    fetch: (input, init) => fetch(input, init),
    openSocket: (url) => new WebSocket(url),
    rtc: globalThis.RTCPeerConnection ?? null,
    ...(rtcConfiguration ? { rtcConfiguration } : {}),
    missing,
    deviceName,
    open: (user) => open(user, startSealer),
    apart: {
      get: () => localStorage.getItem(apartKey) !== null,
      set: (apart) => (apart ? localStorage.setItem(apartKey, 'yes') : localStorage.removeItem(apartKey)),
    },
    remembered: {
      get: () => localStorage.getItem(rememberedKey),
      set: (user) => (user ? localStorage.setItem(rememberedKey, user) : localStorage.removeItem(rememberedKey)),
    },
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

async function open(user: UserId, startSealer: () => Worker) {
  const name = `conclave-${user}`;
  const store = await openIdbStore(name, 'take');
  // Asks for storage that the browser does not evict under pressure; a refusal changes nothing here.
  void navigator.storage?.persist?.();
  const worker = startSealer();
  const sealer = await openWorkerSealer(worker, { name, term: store.term });
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
