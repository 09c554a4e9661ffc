import { ConclaveError, type RoomId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { Live } from '../live/live.ts';
import type { LiveOptions } from '../live/live-options.ts';
import { countOf } from '../site/notice-settings.ts';
import type { Heard } from '../views/heard.ts';
import type { PrivacyView } from '../views/privacy.ts';
import type { PrivateView } from '../views/private.ts';
import type { DirectoryView, RoomLine } from '../views/room-list.ts';
import type { ConnectionView } from '../views/session.ts';

type Opened = Pick<LiveOptions, 'store' | 'sealer' | 'identity' | 'site'>;

/** The live parts of the device that is open here, while one is; and what people see of them, also while none is. */
export class AtWork {
  readonly connection = new MutableCell<ConnectionView>({ state: 'connecting', since: Date.now() });
  readonly rooms = new MutableCell<RoomLine[]>([]);
  readonly directory = new MutableCell<DirectoryView>({ rooms: [], mine: new Set(), signedIn: 0, loaded: false });
  readonly privateMode = new MutableCell<PrivateView | null>(null);
  readonly unread = new MutableCell(0);
  readonly heard = new MutableCell<Heard | null>(null);
  readonly privacy = new MutableCell<PrivacyView>({ everywhere: false, rooms: new Set(), tellsRead: true });
  live: Live | null = null;

  constructor(private readonly options: Omit<LiveOptions, keyof Opened>) {}

  must(): Live {
    if (!this.live) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return this.live;
  }

  /** False when it has ended meanwhile. `wanted`: false once the device was closed. */
  async begin(opened: Opened, wanted: () => boolean): Promise<boolean> {
    const { Live } = await import('../live/live.ts'); // not before somebody is in: the doors need little
    if (!wanted()) return false; // signed out, locked or moved to another tab meanwhile
    await this.options.blocks.load();
    await this.options.notices.load();
    const live = new Live({ ...this.options, ...opened });
    this.live = live;
    this.#show(live);
    await live.start();
    return this.live === live;
  }

  #show(live: Live): void {
    live.socket.state.subscribe((view) => this.connection.set(view));
    live.private.view.subscribe((view) => this.privateMode.set(view));
    live.directory.view.subscribe((view) => this.directory.set(view));
    live.heard.subscribe((event) => this.heard.set(event));
    live.privacy.view.subscribe((view) => this.privacy.set(view));
    live.lines.subscribe((lines) => {
      this.rooms.set(lines);
      this.unread.set(lines.reduce((sum, line) => sum + countOf(line), 0));
    });
  }

  /** A membership that a door has just given. */
  async entered(door: Promise<RoomId>): Promise<RoomId> {
    const room = await door;
    this.live?.enter(room);
    this.directory.update((view) => ({ ...view, mine: new Set([...view.mine, room]) }));
    return room;
  }

  end(): void {
    this.live?.stop();
    this.live = null;
    this.rooms.set([]);
    this.privateMode.set(null);
    this.unread.set(0);
  }
}
