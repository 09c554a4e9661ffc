import { encodeContent, type DeviceId } from '../../../protocol/src/index.ts';
import type { Leaf } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import type { Exchange } from './exchange.ts';
import type { Notices } from './notices.ts';

/** Devices that leave the server together, for a private conversation: who stays is told, and sees it. */
export class Absence {
  constructor(
    private readonly ctx: RoomContext,
    private readonly exchange: Exchange,
    private readonly notices: Notices,
    private readonly leaves: () => readonly Leaf[],
  ) {}

  /** Before these go with this device. */
  async tell(going: DeviceId[]): Promise<void> {
    const away = new Set([...going, this.ctx.me.device]);
    await this.exchange.farewell(encodeContent({ kind: 'apart', devices: [...away] }), away);
  }

  async told(devices: DeviceId[]): Promise<void> {
    const users = new Set(this.leaves().flatMap(({ device, user }) => (devices.includes(device) ? [user] : [])));
    const names = [...users].map((user) => this.ctx.people.name(user)).sort();
    if (names.length > 0) await this.notices.tell(`apart.${devices[0]}`, { kind: 'private-others', names });
  }
}
