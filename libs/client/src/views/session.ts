import type { Device, DeviceId, Person, Role } from '../../../protocol/src/index.ts';

/** Where this browser stands. Each state names the one screen to show. */
export type SessionView =
  | { state: 'starting' }
  /** The browser lacks something; each entry is a phrase for people. */
  | { state: 'unsupported'; missing: string[] }
  /** The server has never been reached and nothing is stored: nothing to show yet. */
  | { state: 'unreachable' }
  | { state: 'setup-needed' }
  /** `ended`: the session was ended elsewhere or ran out. */
  | { state: 'signed-out'; reason: 'fresh' | 'signed-out' | 'ended' }
  /** Another tab of this browser is the owner; `takeOver()` moves here. */
  | { state: 'elsewhere' }
  /** Signed in, but this browser holds no device key of the account: link it, or reset the account's key. */
  | { state: 'needs-device'; user: Me; devices: Device[] }
  | { state: 'ready'; user: Me; device: DeviceId }
  /** What is stored here is locked (ACC16); `unlock` opens it, with or without the server. `name` when it is known. */
  | { state: 'locked'; name: string | null; passphrase: boolean; passkey: boolean };

export type Me = Person & { role: Role };

/** The link to the server, not to people. */
export type ConnectionView =
  | { state: 'online' }
  /** `since`: when the server was last reached, ms; the banner speaks after 10 s, and again after 10 s. */
  | { state: 'connecting'; since: number }
  /** Left on purpose, for a private conversation. */
  | { state: 'private' }
  | { state: 'waiting'; since: number; retryAt: number; reason: 'unreachable' | 'server-full' | 'restarting' };
