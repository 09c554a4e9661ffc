import type { DeviceId, Eid, ErrorCode, RoomId } from '../../../protocol/src/index.ts';
import type { Emitter } from '../emitter.ts';

export type Envelope = { room: RoomId; eid: Eid; ciphertext: Uint8Array };

/** What happens on a link. Devices are recipients of ours, or the author of what arrived. */
export type LinkEvents = {
  /** Sealed bytes came in. `acknowledge` is called once they are persisted, or known to be useless for ever. */
  arrived: { room: RoomId; ciphertext: Uint8Array; via: 'mesh' | 'relay'; from: DeviceId; acknowledge: (eid: Eid) => void };
  /** These recipients have persisted it themselves. */
  acknowledged: { eid: Eid; devices: DeviceId[] };
  /** Somebody else has stored it for these recipients and will hand it over. */
  held: { eid: Eid; devices: DeviceId[] };
  /** It was not taken for these recipients, and the same bytes never will be. */
  refused: { eid: Eid; room: RoomId; devices: DeviceId[]; code: ErrorCode; epoch?: number };
  /** The link reaches other devices than before. */
  changed: null;
};

/**
 * Port: one way to other devices. Adapters: mesh (data channels), relay (the server's socket), memory (tests). `carry` never throws
 * and promises nothing: what became of an envelope is told by events, and the caller repeats what was never answered.
 */
export interface Link extends Emitter<LinkEvents> {
  /** True when bytes for this device can leave now. */
  reaches(device: DeviceId): boolean;
  carry(envelope: Envelope, recipients: DeviceId[]): void;
  /** Forget an envelope that needs no carrying any more. */
  release(eid: Eid): void;
}
