import type { Body, DeviceId, Mid } from '../../../protocol/src/index.ts';
import { Asides } from '../room/asides.ts';
import type { RoomContext, Session } from '../room/context.ts';
import { Inbox } from '../room/inbox.ts';
import type { Branch, BranchHooks } from '../room/branch.ts';
import { Outbox } from '../room/outbox.ts';
import { Receipts } from '../room/receipts.ts';
import { Repair } from '../room/repair.ts';
import { Steps } from '../room/steps.ts';
import type { EntryRow } from '../room/rows.ts';
import { stateOf } from '../room/timeline.ts';
import { waitingItems } from '../room/waiting.ts';
import type { EpochChange, Roster } from '../sealing/sealer.ts';
import type { MessageState } from '../views/message.ts';
import type { TimelineItem } from '../views/timeline.ts';
import type { PrivateMessage } from './messages.ts';
import { PrivateGroup } from './private-group.ts';
import type { PrivateRow, PrivateRows } from './private-row.ts';

/**
 * One private conversation on this device (MESH6): said, sealed, delivered and repaired like a room's words, but among those who were there
 * alone, over their direct links alone, and in a group of its own. It is shown in the timeline of the room it branched from.
 */
export class PrivateRoom implements Branch {
  readonly #ctx: RoomContext;
  readonly #steps: Steps;
  readonly #group: PrivateGroup;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #asides: Asides;
  readonly #receipts: Receipts;
  readonly #repair: Repair;
  readonly #stops: (() => void)[];
  #linked = new Set<DeviceId>();

  constructor(
    session: Session,
    readonly row: PrivateRow,
    rows: PrivateRows,
    private readonly names: string[],
    private readonly shown: BranchHooks & { changed: () => void },
    tell: (device: DeviceId, message: PrivateMessage) => boolean,
  ) {
    this.#steps = new Steps(session.broken);
    const soon = (step: () => Promise<void>) => this.#steps.soon(step);
    const ctx: RoomContext = { ...session, room: row.id, shownIn: row.room, soon };
    this.#ctx = ctx;
    const roster = () => this.#group.roster;
    this.#group = new PrivateGroup(ctx, row, rows, {
      changed: (change) => this.#epochChanged(change),
      ready: () => this.#ready(),
      tell,
      open: () => this.open(),
    });
    this.#outbox = new Outbox(ctx, {
      roster,
      split: () => false, // no server stands between its members
      shunning: () => false, // and nobody moderates there
      asks: () => false, // they have just consented to each other
      acknowledged: async () => undefined,
      ttl: () => undefined,
      later: () => false, // stays with those who were there
      wanted: () => undefined,
      placed: (key, entry) => shown.placed(key, entry),
      changed: () => shown.changed(),
    });
    this.#inbox = new Inbox(ctx, {
      leaf: (device) => roster()?.leaves.find((leaf) => leaf.device === device),
      placed: (key, entry) => shown.placed(key, entry),
      receipt: (device, user, receipt) => this.#outbox.receipt(device, user, receipt),
      ask: (device, ask) => this.#repair.answer(device, ask),
      want: async () => undefined, // history of a private conversation is nobody else's
      history: async () => undefined,
      apart: async () => undefined,
      author: (device) => {
        this.#receipts.owe(device);
        this.#repair.judge(device);
      },
      password: async () => undefined, // rooms have one, conversations none
      behind: () => this.open().forEach((device) => this.#group.greet(device)),
      unreadable: async () => undefined, // over a direct link: whoever sent it repeats it, if it was ever worth something
      entered: async () => undefined,
      equivocated: (user) => shown.tell(`equivocation.${row.id}.${user}`, { kind: 'equivocation', user, name: ctx.people.name(user) }),
    });
    this.#asides = new Asides(ctx, roster);
    const send = (content: Uint8Array, devices: DeviceId[]) => this.#asides.send(content, devices);
    this.#receipts = new Receipts(ctx, { authors: this.#inbox.authors, send });
    this.#repair = new Repair(
      ctx,
      {
        send,
        gap: (device, { user }, from, to) => {
          const notice = { kind: 'gap', user, name: ctx.people.name(user), count: to - from + 1, asked: false } as const;
          return shown.tell(`gap.${row.id}.${device}`, notice, { device, from, to, private: row.id });
        },
        mended: (device) => shown.untell(`gap.${row.id}.${device}`),
        online: () => this.open(),
      },
      this.#inbox.authors,
    );
    this.#stops = [
      ctx.delivery.on('arrived', (arrival) => arrival.room === row.id && this.#steps.soon(() => this.#inbox.receive(arrival))),
      ctx.delivery.on('acknowledged', ({ eid, devices }) => {
        if (this.#outbox.rows.in(eid)) this.#steps.soon(() => this.#outbox.acknowledged(eid, devices));
      }),
      ctx.mesh.on('changed', () => this.#steps.soon(() => this.#linksChanged())),
    ];
    this.#steps.soon(() => this.#load());
  }

  get roster(): Roster | null {
    return this.#group.roster;
  }

  /** Devices of the conversation with an open direct link to this one. */
  open(): DeviceId[] {
    const { mesh, me } = this.#ctx;
    const leaves = this.#group.roster?.leaves ?? [];
    return leaves.map(({ device }) => device).filter((device) => device !== me.device && mesh.reaches(device));
  }

  say(body: Body): Promise<Mid> {
    return this.#steps.run(async () => {
      const mid = await this.#outbox.say(body);
      this.#steps.soon(() => this.#outbox.flush());
      return mid;
    });
  }
  retry(mid: Mid): Promise<void> {
    return this.#steps.run(async () => {
      await this.#outbox.retry(mid);
      await this.#outbox.sendAnyway(mid);
      await this.#outbox.flush();
    });
  }
  cancel(mid: Mid): Promise<void> {
    return this.#steps.run(() => this.#outbox.cancel(mid));
  }
  has(mid: Mid): boolean {
    return this.#outbox.rows.of(mid) !== undefined;
  }
  markRead(): void {
    this.#steps.soon(() => this.#receipts.read());
  }
  askForGap(device: DeviceId): void {
    this.#steps.soon(() => this.#repair.ask(device));
  }

  stateOf(entry: EntryRow): MessageState {
    const leaves = this.#group.roster && new Set(this.#group.roster.leaves.map(({ device }) => device));
    const { receipts } = this.#outbox.reached;
    const inGroup = (device: DeviceId) => leaves?.has(device) ?? true;
    return stateOf(entry, this.#outbox.rows.of(entry.mid), receipts, this.#ctx.me.user, this.row.talking, inGroup);
  }

  waiting(): TimelineItem[] {
    const { me, people } = this.#ctx;
    const author = { user: me.user, device: me.device, name: people.name(me.user) };
    return waitingItems(this.#outbox.rows.all, author, this.#outbox.blocked, this.row.talking, this.names);
  }

  /** Nothing of ours is on its way to anybody. */
  get settled(): boolean {
    return this.#outbox.rows.all.length === 0;
  }

  handle(from: DeviceId, message: PrivateMessage): void {
    this.#steps.soon(() => this.#group.handle(from, message));
  }

  /** This device goes back to the server; resolves when the others have been told. */
  depart(): Promise<void> {
    return this.#steps.run(async () => {
      await this.#group.depart();
      this.#expect();
      this.shown.changed();
    });
  }

  stop(): void {
    this.#steps.stop();
    this.#stops.forEach((stop) => stop());
    this.#group.stop();
    this.#receipts.stop();
    this.#repair.stop();
  }

  async #load(): Promise<void> {
    await this.#group.load();
    await this.#outbox.load();
    await this.#inbox.load();
    this.#repair.load();
    this.#receipts.oweAll();
    await this.#ready();
    await this.#linksChanged();
  }

  async #epochChanged(change: EpochChange): Promise<void> {
    await this.#repair.joined(change, this.#group.roster?.leaves ?? []);
    const fresh = new Set(change.added.map(({ device }) => device));
    await this.#outbox.removed(change.removed.map(({ device }) => device).filter((device) => !fresh.has(device)));
    await this.#outbox.again.foundedAnew(change.generation);
    await this.#inbox.again();
  }

  async #ready(): Promise<void> {
    this.#expect();
    await this.#outbox.flush();
    await this.#outbox.again.flush();
    this.#receipts.resume();
    this.shown.changed();
  }

  /** While it goes on, links to the others are wanted whether a server sees them or not. */
  #expect(): void {
    const { mesh, delivery, me } = this.#ctx;
    const leaves = (this.#group.roster?.leaves ?? []).filter(({ device }) => device !== me.device);
    mesh.expect(
      this.row.id,
      leaves.map(({ device, deviceKey }) => ({ device, deviceKey, online: this.row.talking })),
      delivery.relays,
    );
  }

  async #linksChanged(): Promise<void> {
    const open = new Set(this.open());
    for (const device of open) if (!this.#linked.has(device)) this.#group.greet(device);
    this.#linked = open;
    this.shown.changed();
  }
}
