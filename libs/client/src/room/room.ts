import {
  encodeContent,
  toBase64url,
  type Body,
  type DeviceId,
  type Eid,
  type Mid,
  type Receipt,
  type RoomId,
  type UserId,
} from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import { SealError, type EpochChange, type Leaf } from '../sealing/sealer.ts';
import { Serial } from '../serial.ts';
import { StoreError } from '../storage/store.ts';
import type { MessageState, RoomHandle, RoomLine, RoomView, RosterView } from '../views.ts';
import { Agreement } from './agreement.ts';
import { announcements } from './announce.ts';
import { Asides } from './asides.ts';
import { Attendance } from './attendance.ts';
import type { Branch, BranchHooks } from './branch.ts';
import { Branches } from './branches.ts';
import type { RoomContext, Session } from './context.ts';
import { Group } from './group.ts';
import { History } from './history.ts';
import { Inbox } from './inbox.ts';
import { listen } from './listen.ts';
import { Notices } from './notices.ts';
import { Outbox } from './outbox.ts';
import { Receipts } from './receipts.ts';
import { Repair } from './repair.ts';
import { RoomLedger } from './room-ledger.ts';
import type { AuthorRow, EntryRow } from './rows.ts';
import { stateOf } from './timeline.ts';
import { waitingItems } from './waiting.ts';
import { TimelineWindow } from './window.ts';

/** So long is waited for the server to take the word to those who stay. */
const farewellMs = 3_000;

/**
 * One room on this device: says, receives, and keeps. Everything that reads or moves its state runs in one serial queue, so that no
 * two steps ever interleave; what people see are cells derived from it.
 */
export class Room implements RoomHandle {
  readonly view: MutableCell<RoomView>;
  readonly roster = new MutableCell<RosterView>({ members: [], direct: 0, total: 0 });
  readonly line: MutableCell<RoomLine>;
  readonly #ctx: RoomContext;
  readonly #queue = new Serial();
  readonly #loaded: Promise<void>;
  readonly #deaf: () => void;
  #stopped = false;
  #unreadable = 0;

  readonly #group: Group;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #asides: Asides;
  readonly #receipts: Receipts;
  readonly #repair: Repair;
  readonly #history: History;
  readonly #agreement: Agreement;
  readonly #branches = new Branches();
  readonly #attendance: Attendance;
  readonly #notices: Notices;
  readonly #ledger: RoomLedger;
  readonly #window: TimelineWindow;

  constructor(
    session: Session,
    readonly id: RoomId,
  ) {
    const ctx: RoomContext = { ...session, room: id, soon: (step) => this.#soon(step) };
    this.#ctx = ctx;
    this.view = new MutableCell<RoomView>({ id, name: '', topic: '', unread: 0, phase: 'loading' });
    this.line = new MutableCell<RoomLine>({ id, name: '', topic: '', unread: 0, last: null, online: 0, members: 0 });
    this.#group = new Group(ctx, {
      changed: (change) => this.#epochChanged(change),
      ready: () => this.#groupReady(),
      online: () => this.#attendance.onlineLeaves(),
      urgent: () => this.#outbox.rows.unsealed.length > 0,
    });
    const roster = () => this.#group.roster;
    this.#outbox = new Outbox(ctx, {
      roster,
      split: () => this.#agreement.split,
      wanted: () => this.#group.nudge(),
      placed: (key, row) => this.#placed(key, row),
      changed: () => this.#show(),
    });
    this.#inbox = new Inbox(ctx, {
      leaf: (device) => this.leaves.find((leaf) => leaf.device === device),
      placed: (key, row, historic) => this.#placed(key, row, historic),
      receipt: (device, user, receipt) => this.#receipted(device, user, receipt),
      ask: (device, ask) => this.#repair.answer(device, ask),
      want: (device, want) => this.#history.answer(device, want),
      history: (device, page) => this.#history.take(device, page),
      apart: (devices) => this.#apart(devices),
      author: (device) => this.#authorMoved(device),
      behind: () => this.#group.nudge(),
      unreadable: () => this.#notices.tell('undecryptable', { kind: 'undecryptable', name: '', count: ++this.#unreadable }),
      equivocated: (user) => this.#notices.tell(`equivocation.${user}`, { kind: 'equivocation', user, name: ctx.people.name(user) }),
    });
    this.#asides = new Asides(ctx, roster);
    const send = (content: Uint8Array, devices: DeviceId[]) => this.#asides.send(content, devices);
    this.#receipts = new Receipts(ctx, { authors: this.#inbox.authors, send });
    this.#repair = new Repair(
      ctx,
      {
        send,
        gap: (device, row, from, to) => this.#gap(device, row, from, to),
        mended: (device) => this.#notices.remove(`gap.${device}`),
        online: () => this.#attendance.onlineLeaves().filter((device) => device !== ctx.me.device),
      },
      this.#inbox.authors,
    );
    this.#attendance = new Attendance(ctx, roster, (devices) => this.#outbox.rows.waitingFor(devices));
    this.#agreement = new Agreement(ctx, {
      roster,
      authors: this.#inbox.authors,
      lacking: (author, from, to, peer) => this.#repair.fetch(author, from, to, peer),
      split: () => this.#notices.tell('split', { kind: 'split' }),
    });
    this.#ledger = new RoomLedger(ctx);
    this.#history = new History(ctx, this.#ledger, this.#inbox.authors, {
      roster,
      send,
      online: () => this.#attendance.onlineLeaves(),
      accept: (entry) => this.#inbox.historic(entry),
      complete: async () => this.#inbox.authors.forEach((_, device) => this.#authorMoved(device)),
    });
    this.#window = new TimelineWindow(ctx, {
      state: (row) => this.#stateOf(row),
      waiting: () => this.#waiting(),
      privateWith: (id) => this.#branches.names(id),
    });
    this.#notices = new Notices(ctx, (key, row) => this.#window.noticed(key, row));
    this.#loaded = this.#do(() => this.#load());
    this.#loaded.catch((error: unknown) => this.#failed(error));
    this.#deaf = listen(ctx, {
      group: this.#group,
      inbox: this.#inbox,
      outbox: this.#outbox,
      attendance: this.#attendance,
      joined: (frame) => this.#ledger.save({ name: frame.summary.name, topic: frame.summary.topic, left: null }),
      drained: () => this.#inbox.authors.forEach((_, device) => this.#repair.judge(device)),
      present: () => this.#history.resume(),
      agreement: this.#agreement,
      asideRefused: () => this.#receipts.oweAll(),
      names: () => this.#window.names(),
      show: () => this.#show(),
      showRoster: () => this.roster.set(this.#attendance.view()),
    });
  }

  get timeline() {
    return this.#window.view;
  }

  async say(text: string, replyTo?: Mid): Promise<Mid> {
    return this.#say({ kind: 'text', text, ...(replyTo ? { replyTo } : {}) });
  }
  edit(target: Mid, text: string): Promise<Mid> {
    return this.#say({ kind: 'edit', target, text });
  }
  remove(target: Mid): Promise<Mid> {
    return this.#say({ kind: 'delete', target });
  }
  react(target: Mid, emoji: string, on: boolean): Promise<Mid> {
    return this.#say({ kind: 'react', target, emoji, on });
  }

  retry(mid: Mid): Promise<void> {
    const branch = this.#branches.holding(mid);
    if (branch) return branch.retry(mid);
    return this.#do(async () => {
      await this.#outbox.retry(mid);
      await this.#outbox.sendAnyway(mid);
      await this.#outbox.flush();
    });
  }
  cancel(mid: Mid): Promise<void> {
    return this.#branches.holding(mid)?.cancel(mid) ?? this.#do(() => this.#outbox.cancel(mid));
  }
  older(): Promise<void> {
    return this.#do(() => this.#window.older());
  }
  askForGap(key: string): Promise<void> {
    return this.#do(async () => {
      const row = await this.#notices.get(key);
      if (!row?.device || row.notice.kind !== 'gap') return;
      const branch = row.private && this.#branches.of(row.private);
      if (branch) branch.askForGap(row.device);
      else await this.#repair.ask(row.device);
      await this.#notices.put(key, { ...row, notice: { ...row.notice, asked: true } });
    });
  }
  acknowledgeKey(user: UserId): Promise<void> {
    return this.#ctx.people.acknowledgeKey(user);
  }
  async draft(): Promise<string> {
    await this.#loaded;
    return this.#ledger.row.draft;
  }
  saveDraft(draft: string): Promise<void> {
    return this.#do(() => this.#ledger.save({ draft }));
  }
  markRead(): Promise<void> {
    return this.#do(async () => {
      await this.#receipts.read();
      this.#branches.markRead();
      if (this.#ledger.row.unread > 0) await this.#ledger.save({ unread: 0 });
      this.#window.seen();
      this.#show();
    });
  }
  async leave(): Promise<void> {
    await this.#ctx.rest.ask('POST', `/api/rooms/${this.id}/leave`, { json: {} });
    await this.expelled('left');
  }

  /** Leaves of the group, oneself included. */
  get leaves(): readonly Leaf[] {
    return this.#group.roster?.leaves ?? [];
  }

  /** A private conversation branched from here, or is over. While it goes on, words go there. */
  branch(id: RoomId, branch: Branch, active: boolean, names: string[]): void {
    this.#branches.keep(id, branch, active, names);
    this.#soon(() => this.#window.names());
    this.branchChanged();
  }
  branchChanged(): void {
    this.#soon(async () => this.#show());
  }
  readonly branchHooks: BranchHooks = {
    placed: (key, row) => this.#do(() => this.#placed(key, row)),
    tell: (name, notice, about) => this.#do(() => this.#notices.tell(name, notice, this.#ctx.clock.now(), about)),
    untell: (name) => this.#do(() => this.#notices.remove(name)),
  };

  /** Before these devices leave the server together: who stays is told. */
  tellAbsent(going: DeviceId[]): Promise<void> {
    return this.#do(async () => {
      const away = new Set([...going, this.#ctx.me.device]);
      const stay = this.leaves.map(({ device }) => device).filter((device) => !away.has(device));
      await this.#asides.settled(encodeContent({ kind: 'apart', devices: [...away] }), stay, farewellMs);
    });
  }
  async proposePrivate(): Promise<void> {
    await this.#ctx.goPrivate(this.id);
  }

  /** Not a member any more: history stays readable, keys go. */
  expelled(reason: 'left' | 'removed' | 'deleted'): Promise<void> {
    return this.#do(async () => {
      this.#ctx.mesh.forget(this.id);
      this.#ctx.delivery.releaseRoom(this.id);
      this.#inbox.forget();
      await this.#group.leave();
      await this.#ledger.save({ left: reason });
      this.#show();
    });
  }

  /** From time to time: keys that have grown old are renewed. */
  tend(): void {
    this.#group.nudge();
  }

  /** The server is not the one it was: started again, or from an older backup. */
  serverChanged(): Promise<void> {
    return this.#do(() => this.#outbox.offerAgain());
  }

  /** The relay gave up on an envelope of this account after its days (delivery.md D7). */
  expired(eid: Eid, devices: DeviceId[]): Promise<void> {
    return this.#do(async () => {
      const leaves = this.#group.roster?.leaves.filter(({ device }) => devices.includes(device)) ?? [];
      const names = [...new Set(leaves.map(({ user }) => this.#ctx.people.name(user)))].join(', ') || 'somebody who has left';
      await this.#outbox.expired(eid, names);
    });
  }

  /** Nothing more is heard or begun; what is under way ends silently. */
  stop(): void {
    this.#stopped = true;
    this.#deaf();
    this.#group.stop();
    this.#receipts.stop();
    this.#repair.stop();
    this.#history.stop();
    this.#agreement.stop();
  }

  /** In the room's queue, for somebody who hears of the failure; what breaks storage or key state also breaks the session. */
  #do<T>(step: () => Promise<T>): Promise<T> {
    return this.#queue.run(async () => {
      try {
        return await step();
      } catch (error) {
        if (error instanceof StoreError || (error instanceof SealError && error.code === 'fenced')) this.#failed(error);
        throw error;
      }
    });
  }

  /** In the room's queue, where nobody waits: no failure is swallowed but those of a store that was closed under it. */
  #soon(step: () => Promise<void>): void {
    this.#queue.run(async () => (this.#stopped ? undefined : step())).catch((error: unknown) => this.#failed(error));
  }

  #failed(error: unknown): void {
    if (!this.#stopped) this.#ctx.broken(error);
  }

  async #load(): Promise<void> {
    await this.#ledger.load();
    await this.#group.load();
    await this.#outbox.load();
    await this.#inbox.load();
    await this.#window.load(this.#ledger.row.unread);
    this.#repair.load();
    this.#receipts.oweAll();
    this.#attendance.expectPeers(); // members may be met without any server (P-26)
    this.#show();
  }

  async #epochChanged(change: EpochChange): Promise<void> {
    const { people, me, clock } = this.#ctx;
    const at = clock.now();
    const leaves = this.#group.roster?.leaves ?? [];
    await this.#repair.joined(change, leaves);
    for (const { user, accountKey, device } of leaves)
      if ((await people.pin(user, toBase64url(accountKey))) && device !== me.device)
        await this.#notices.tell(`key.${user}.${change.epoch}`, { kind: 'key-changed', user, name: people.name(user) }, at);
    for (const { name, notice } of announcements(change, leaves, me.device, (user) => people.name(user)))
      await this.#notices.tell(name, notice, at);
    const fresh = new Set(change.added.map(({ device }) => device));
    if (fresh.has(me.device)) await this.#history.begun();
    await this.#notices.remove('split');
    this.#agreement.epochChanged();
    await this.#outbox.removed(change.removed.map(({ device }) => device).filter((device) => !fresh.has(device)));
    this.#attendance.expectPeers();
    await this.#inbox.again();
  }

  async #groupReady(): Promise<void> {
    this.#attendance.expectPeers();
    await this.#outbox.flush();
    await this.#outbox.bundleStranded();
    this.#receipts.resume();
    await this.#history.resume();
    this.#show();
  }

  #say(body: Body): Promise<Mid> {
    const private_ = this.#branches.active;
    if (private_) return private_.say(body);
    return this.#do(async () => {
      const mid = await this.#outbox.say(body);
      // The composer clears on what is persisted; sealing and sending follow in the same queue.
      this.#soon(() => this.#outbox.flush());
      return mid;
    });
  }

  async #placed(key: string, row: EntryRow, historic = false): Promise<void> {
    if (!historic) await this.#history.late(row);
    await this.#window.placed(key, row, historic);
    await this.#ledger.placed(row, historic);
    this.#show();
  }

  #authorMoved(device: DeviceId): void {
    this.#receipts.owe(device);
    this.#repair.judge(device);
  }

  async #receipted(device: DeviceId, user: UserId, { delivered, read }: Receipt): Promise<void> {
    const ours = (list: Receipt['read']) => list.find((entry) => entry.device === this.#ctx.me.device);
    const reached = ours(delivered);
    await this.#outbox.receipt(device, user, { from: reached?.from ?? 1, delivered: reached?.aseq ?? 0, read: ours(read)?.aseq ?? 0 });
  }

  async #apart(devices: DeviceId[]): Promise<void> {
    const users = new Set(this.leaves.filter(({ device }) => devices.includes(device)).map(({ user }) => user));
    const names = [...users].map((user) => this.#ctx.people.name(user)).sort();
    if (names.length > 0) await this.#notices.tell(`apart.${devices[0]}`, { kind: 'private-others', names });
  }

  async #gap(device: DeviceId, { user }: AuthorRow, from: number, to: number): Promise<void> {
    const { people, clock } = this.#ctx;
    const notice = { kind: 'gap', user, name: people.name(user), count: to - from + 1, asked: false } as const;
    await this.#notices.tell(`gap.${device}`, notice, clock.now(), { device, from, to });
  }

  #stateOf(row: EntryRow): MessageState | null {
    if (row.private) return this.#branches.stateOf(row);
    const leaves = this.#group.roster && new Set(this.#group.roster.leaves.map(({ device }) => device));
    const { me, socket, delivery } = this.#ctx;
    const outgoing = this.#outbox.rows.of(row.mid);
    const state = stateOf(row, outgoing, this.#outbox.reached.receipts, me.user, socket.online, (device) => leaves?.has(device) ?? true);
    const stuck = state.state === 'waiting' && state.why === 'sending' && !delivery.mayLeaveFor(outgoing?.remaining ?? []);
    return stuck ? { state: 'waiting', why: 'no-relay' } : state;
  }

  #waiting() {
    const { me, socket, people } = this.#ctx;
    const author = { user: me.user, device: me.device, name: people.name(me.user) };
    return [...waitingItems(this.#outbox.rows.all, author, this.#outbox.blocked, socket.online), ...this.#branches.waiting()];
  }

  #show(): void {
    const { name, topic, unread, last, left } = this.#ledger.row;
    const phase = left ? ({ phase: 'left', reason: left } as const) : { phase: this.#group.phase };
    this.view.set({ id: this.id, name, topic, unread, ...phase });
    this.roster.set(this.#attendance.view());
    this.line.set({
      id: this.id,
      name,
      topic,
      unread,
      last: last && { author: this.#ctx.people.name(last.user), text: last.text, at: last.at },
      online: this.roster.value.total,
      members: this.roster.value.members.length,
    });
    this.#window.refresh();
  }
}
