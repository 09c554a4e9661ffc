import type { DeviceId, RoomId, UserId } from '../../../protocol/src/index.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { FilesOfRooms } from '../files/rows.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { RelayLink } from '../server/relay-link.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { ServerSocket } from '../server/socket.ts';
import type { Store } from '../storage/store.ts';
import type { Heard } from '../views/heard.ts';
import type { HybridClock } from './clock.ts';
import type { People } from './people.ts';

/** What every room of one signed-in device shares. */
export type Session = {
  me: { user: UserId; device: DeviceId };
  store: Store;
  sealer: Sealer;
  clock: HybridClock;
  people: People;
  rest: RestClient;
  socket: ServerSocket;
  relay: RelayLink;
  delivery: Delivery;
  mesh: Mesh;
  files: FilesOfRooms;
  serverKey: () => Uint8Array;
  /** What is said here keeps the limits against floods (MOD6). */
  limitsOwnWords: boolean;
  /** One wants nothing of them (MOD2). */
  blocks: (user: UserId) => boolean;
  /** Something worth a sound or a notice. */
  heard: (event: Heard) => void;
  /** One does not want to be seen oneself. */
  hides: () => boolean;
  /** False when this person tells nobody what they have read. */
  tellsRead: () => boolean;
  /** Proposes a private conversation in a room. Throws ConclaveError `conflict`. */
  goPrivate: (room: RoomId) => Promise<void>;
  /** A room's password, typed again: its half for the group is kept (ROOM3). Throws ConclaveError `bad-credentials`. */
  enterPassword: (room: RoomId, password: string) => Promise<void>;
  /** Key state is lost to another tab, or storage is full: everything stops, and the person is told. */
  broken: (error: unknown) => void;
};

/**
 * One room within it: everything that reads or moves its state runs in one queue, one thing after the other. `soon` puts a step there that
 * nobody waits for; after the room has stopped it does nothing.
 */
export type RoomContext = Session & {
  room: RoomId;
  /** A private conversation is shown in the timeline of the room it branched from. */
  shownIn?: RoomId;
  soon: (step: () => Promise<void>) => void;
};
