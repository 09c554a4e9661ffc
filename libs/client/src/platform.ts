import type { UserId } from '../../protocol/src/index.ts';
import type { Finder } from './search/finder.ts';
import type { AttachTools } from './files/attaching.ts';
import type { Sealer } from './sealing/sealer.ts';
import type { SocketFactory } from './server/socket.ts';
import type { Unlock } from './storage/locks.ts';
import type { Store } from './storage/store.ts';
import type { LockPlace } from './account/lock-place.ts';

/** What the core needs of where it runs; browser.ts makes one of a browser. */
export type Platform = LockPlace & {
  /** The server, e.g. `https://chat.example`. */
  origin: string;
  fetch: typeof fetch;
  openSocket: SocketFactory;
  /** Null where there is no WebRTC: relay only. */
  rtc: typeof RTCPeerConnection | null;
  /** Last word on how connections are made: privacy settings, stories. */
  rtcConfiguration?: (configuration: RTCConfiguration) => RTCConfiguration;
  /** Phrases for what the browser lacks; empty when it will do. */
  missing: () => string[];
  deviceName: () => string;
  /**
   * Opens what is stored for this account and takes ownership of it: an earlier owner is fenced out. Throws StoreError `locked` when it has
   * locks of the person's own (ACC16) and `unlock` opens none of them.
   */
  open: (user: UserId, unlock?: Unlock) => Promise<{ store: Store; sealer: Sealer; close: () => void }>;
  /** Starts what scans for words, in a thread of its own; without it they are scanned for in this one. */
  startFinder?: () => Finder;
  /** Where files are kept; absent: this browser keeps none. */
  files?: { open: (user: UserId) => Promise<AttachTools & { close: () => void }>; destroy: (user: UserId) => Promise<void> };
  /** Who used this browser last, so that it opens offline. */
  remembered: { get: () => UserId | null; set: (user: UserId | null) => void };
  /** This browser has left the server on purpose, for a private conversation: it stays away over a reload (MESH6). */
  apart: { get: () => boolean; set: (apart: boolean) => void };
  /** Somebody has signed out here, and the server has not heard of it yet. */
  signingOut?: { get: () => boolean; set: (on: boolean) => void };
  /** The guest whose store this browser holds (ACC11): it goes with the visit. */
  guest?: { get: () => UserId | null; set: (user: UserId | null) => void };
  /** One owner among the tabs of a browser. `take(true)` takes it from another. */
  ownership: { take: (steal: boolean) => Promise<boolean>; release: () => void; onLost: (listener: () => void) => void };
  visible: () => boolean;
  /** False: what is said here keeps no limits of its own against floods (MOD6), for programs; the server's own limits stay. */
  limitsOwnWords?: boolean;
  /** The device's clock, ms since 1970; without it the system's. */
  wall?: () => number;
  /** Calls when the network is back (`online`) or the page is seen again (`visible`). Returns the way to stop. */
  onWake: (listener: (why: 'online' | 'visible') => void) => () => void;
};
