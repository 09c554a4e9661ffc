import type { RoomId } from '../../../protocol/src/index.ts';
import { Mesh } from '../mesh/mesh.ts';
import { Privacy } from '../privacy.ts';
import { ServerSignaler } from '../server/server-signaler.ts';
import type { ServerSocket } from '../server/socket.ts';
import type { Store } from '../storage/store.ts';
import { Ice } from './ice.ts';
import type { LiveOptions } from './live-options.ts';

/** The direct links of this device: by which servers they are made, and who may see its address on them. */
export class Links {
  readonly privacy: Privacy;
  readonly ice: Ice;
  readonly mesh: Mesh;

  constructor(
    private readonly options: Pick<LiveOptions, 'platform' | 'rest' | 'store' | 'sealer' | 'identity'>,
    noted: Store,
    private readonly socket: ServerSocket,
    private readonly isRoom: (id: RoomId) => boolean,
  ) {
    const { platform, rest, store, sealer, identity } = options;
    this.privacy = new Privacy(noted);
    // A TURN server may make possible what the privacy switch forbade.
    this.ice = new Ice(rest, store, () => this.mesh.refresh());
    this.mesh = new Mesh({
      rtc: platform.rtc,
      configuration: (shared) => this.#configuration(shared),
      own: { device: identity.device, sign: (bytes) => sealer.sign(bytes) },
      signaler: new ServerSignaler(socket),
      visible: platform.visible,
    });
  }

  /** Before anything is connected. */
  async load(): Promise<void> {
    await this.privacy.load();
    await this.ice.load();
  }

  /** Shows this device's address to members of a room, or of all (null), or no more; links are made anew at once (MESH10). */
  async hideAddress(room: RoomId | null, on: boolean): Promise<void> {
    await this.privacy.hide(room, on);
    this.mesh.refresh();
  }

  /** The socket first, then the links (mesh.md, noticing). */
  wake(why: 'online' | 'visible'): void {
    this.socket.retry(why === 'online' ? 'changed' : 'same');
    if (why === 'online') this.mesh.resume();
    else this.mesh.wake();
  }

  #configuration(shared: RoomId[]): RTCConfiguration | null {
    const known = this.ice.configuration;
    const configuration = this.options.platform.rtcConfiguration?.(known) ?? known;
    // A private conversation has an id of its own: it shows as much as the room it branched from.
    return this.privacy.configure(shared.filter(this.isRoom), configuration);
  }
}
