import { MutableCell } from '../cell.ts';
import type { RosterView } from '../views/members.ts';
import type { RoomLine } from '../views/room-list.ts';
import type { RoomView } from '../views/room.ts';
import type { RoomContext } from './context.ts';
import { lineOf, viewOf, type Face } from './face.ts';
import { Notices } from './notices.ts';
import type { RoomLedger } from './room-ledger.ts';
import type { EntryRow } from './rows.ts';
import { Vanishing } from './vanishing.ts';
import { TimelineWindow, type Sources } from './window.ts';

export type PageHooks = Sources & {
  /** Where this device stands in the room now. */
  standing: () => Pick<Face, 'phase' | 'role' | 'muted' | 'knocking' | 'authenticator'>;
  members: () => RosterView;
};

/** The room as it is read on this device: what stands in its timeline, and the cells that people see, derived from the room's state. */
export class Page {
  readonly view: MutableCell<RoomView>;
  readonly roster = new MutableCell<RosterView>({ members: [], direct: 0, total: 0 });
  readonly line: MutableCell<Omit<RoomLine, 'level'>>;
  readonly window: TimelineWindow;
  readonly notices: Notices;
  readonly #vanishing: Vanishing;

  constructor(
    private readonly ctx: RoomContext,
    private readonly ledger: RoomLedger,
    private readonly hooks: PageHooks,
  ) {
    this.window = new TimelineWindow(ctx, hooks);
    this.notices = new Notices(ctx, (key, row) => this.window.noticed(key, row));
    this.#vanishing = new Vanishing(ctx, async (key, mid) => {
      this.window.removed(key);
      await ledger.vanished(mid);
      await ctx.files.gone(mid);
    });
    this.view = new MutableCell<RoomView>(viewOf(this.#face()));
    this.line = new MutableCell<Omit<RoomLine, 'level'>>(lineOf(this.#face(), this.roster.value));
  }

  load(): Promise<void> {
    return this.window.load(this.ledger.row.unread);
  }

  /** What is due vanishes, and so does what is older than the room keeps. */
  sweep(): Promise<void> {
    return this.#vanishing.load(this.ledger.about.settings.retentionDays);
  }

  async placed(key: string, row: EntryRow, historic: boolean): Promise<void> {
    await this.#vanishing.placed(row);
    await this.window.placed(key, row, historic);
    await this.ledger.placed(row, historic);
    this.show();
  }

  async markRead(): Promise<void> {
    await this.ledger.read();
    this.window.seen();
    this.show();
  }

  async saveDraft(draft: string): Promise<void> {
    await this.ledger.save({ draft });
    this.#showLine();
  }

  /** People are called otherwise, or shown otherwise. */
  async renamed(): Promise<void> {
    await this.window.names();
    this.show();
  }

  show(): void {
    this.showRoster();
    this.view.set(viewOf(this.#face()));
    this.#showLine();
    this.window.refresh();
  }
  showRoster(): void {
    this.roster.set(this.hooks.members());
  }
  #showLine(): void {
    this.line.set(lineOf(this.#face(), this.roster.value));
  }

  stop(): void {
    this.#vanishing.stop();
  }

  #face(): Face {
    const { room: id, people } = this.ctx;
    return { id, row: this.ledger.row, about: this.ledger.about, people, ...this.hooks.standing() };
  }
}
