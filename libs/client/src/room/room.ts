import {
  toBase64url,
  type Ask,
  type Body,
  type DeviceId,
  type Eid,
  type Mid,
  type Person,
  type Receipt,
  type RoomId,
  type ServerFrame,
  type UserId,
} from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { EpochChange } from '../sealing/sealer.ts';
import { SealError } from '../sealing/sealer.ts';
import { Serial } from '../serial.ts';
import { StoreError, type Write } from '../storage/store.ts';
import type { MessageState, Notice, RoomHandle, RoomLine, RoomPhase, RoomView, RosterView, TimelineItem } from '../views.ts';
import type { RoomContext, Session } from './context.ts';
import { Group } from './group.ts';
import { Inbox, type Arrival } from './inbox.ts';
import { Outbox } from './outbox.ts';
import { Receipts } from './receipts.ts';
import { Repair } from './repair.ts';
import { rosterView } from './roster.ts';
import { keys, type AuthorRow, type EntryRow, type NoticeRow, type OutboxRow, type RoomRow } from './rows.ts';
import { stateOf } from './timeline.ts';
import { TimelineWindow } from './window.ts';

type Joined = Extract<ServerFrame, { type: 'joined' }>;
const emptyRow: RoomRow = { name: '', topic: '', unread: 0, last: null, draft: '', left: null };
const previewLength = 120;

/**
 * One room on this device: says, receives, and keeps. Everything that reads or moves its state runs in one serial queue, so that no
 * two steps ever interleave; what people see are cells derived from it.
 */
export class Room implements RoomHandle {
  readonly view: MutableCell<RoomView>;
  readonly roster = new MutableCell<RosterView>({ members: [], direct: 0, total: 0 });
  readonly line: MutableCell<RoomLine>;
  readonly #ctx: RoomContext;
  readonly #group: Group;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #receipts: Receipts;
  readonly #repair: Repair;
  readonly #window: TimelineWindow;
  readonly #loaded: Promise<void>;
  readonly #stops: (() => void)[] = [];
  #row: RoomRow = emptyRow;
  #members: Person[] = [];
  readonly #online = new Map<DeviceId, UserId>();
  #unreadable = 0;

  constructor(
    session: Session,
    readonly id: RoomId,
  ) {
    const ctx: RoomContext = { ...session, room: id, serial: new Serial() };
    this.#ctx = ctx;
    this.view = new MutableCell<RoomView>({ id, name: '', topic: '', unread: 0, phase: 'loading' });
    this.line = new MutableCell<RoomLine>({ id, name: '', topic: '', unread: 0, last: null, online: 0, members: 0 });
    this.#outbox = new Outbox(ctx, {
      roster: () => this.#group.roster,
      wanted: () => this.#group.nudge(),
      placed: (key, row) => void this.#window.placed(key, row),
      changed: () => this.#show(),
    });
    this.#inbox = new Inbox(ctx, {
      placed: (key, row) => this.#arrived(key, row),
      receipt: (device, user, receipt) => this.#receipted(device, user, receipt),
      ask: (device, ask) => this.#asked(device, ask),
      author: (device, row) => this.#authorMoved(device, row),
      behind: () => this.#group.nudge(),
      unreadable: () => this.#unreadableCame(),
      equivocated: (user) => this.#notice(`equivocation.${user}`, { kind: 'equivocation', user, name: this.#name(user) }),
    });
    this.#receipts = new Receipts(ctx, { authors: this.#inbox.authors, send: (content, devices) => this.#sendAside(content, devices) });
    this.#repair = new Repair(
      ctx,
      {
        roster: () => this.#group.roster,
        send: (content, devices) => this.#sendAside(content, devices),
        gap: (device, row, from, to) => this.#gap(device, row, from, to),
        mended: (device) => this.#removeNotice(`gap.${device}`),
        online: () => this.#onlineLeaves().filter((device) => device !== ctx.me.device),
      },
      this.#inbox.authors,
    );
    this.#group = new Group(ctx, {
      changed: (change) => this.#epochChanged(change),
      ready: () => this.#groupReady(),
      online: () => this.#onlineLeaves(),
      urgent: () => this.#outbox.rows.some(({ sealed }) => !sealed),
    });
    this.#window = new TimelineWindow(ctx, { state: (row) => this.#stateOf(row), waiting: () => this.#waiting() });
    this.#loaded = this.#do(() => this.#load());
    this.#listen();
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

  async retry(mid: Mid): Promise<void> {
    await this.#do(async () => {
      await this.#outbox.retry(mid);
      await this.#outbox.sendAnyway(mid);
      await this.#outbox.flush();
    });
  }
  cancel(mid: Mid): Promise<void> {
    return this.#do(() => this.#outbox.cancel(mid));
  }
  older(): Promise<void> {
    return this.#do(() => this.#window.older());
  }
  askForGap(key: string): Promise<void> {
    return this.#do(async () => {
      const row = await this.#ctx.store.get<NoticeRow>('notices', key);
      if (!row?.device || row.notice.kind !== 'gap') return;
      await this.#repair.ask(row.device);
      await this.#putNotice(key, { ...row, notice: { ...row.notice, asked: true } });
    });
  }
  acknowledgeKey(user: UserId): Promise<void> {
    return this.#ctx.people.acknowledgeKey(user);
  }
  async draft(): Promise<string> {
    await this.#loaded;
    return this.#row.draft;
  }
  saveDraft(draft: string): Promise<void> {
    return this.#do(() => this.#save({ draft }));
  }
  markRead(): Promise<void> {
    return this.#do(async () => {
      await this.#receipts.read();
      if (this.#row.unread > 0) await this.#save({ unread: 0 });
    });
  }
  async leave(): Promise<void> {
    await this.#ctx.rest.ask('POST', `/api/rooms/${this.id}/leave`, { json: {} });
    await this.expelled('left');
  }

  /** Not a member any more: history stays readable, keys go. */
  async expelled(reason: 'left' | 'removed' | 'deleted'): Promise<void> {
    await this.#do(async () => {
      this.#ctx.mesh.forget(this.id);
      this.#ctx.delivery.releaseRoom(this.id);
      await this.#ctx.sealer.forget(this.id);
      await this.#group.load();
      await this.#save({ left: reason });
    });
  }

  /** The relay gave up on an envelope of this account after its days (delivery.md D7). */
  async expired(eid: Eid, devices: DeviceId[]): Promise<void> {
    await this.#do(async () => {
      const leaves = this.#group.roster?.leaves.filter(({ device }) => devices.includes(device)) ?? [];
      const names = [...new Set(leaves.map(({ user }) => this.#name(user)))].join(', ') || 'somebody who has left';
      await this.#outbox.expired(eid, devices, names);
    });
  }

  stop(): void {
    this.#stops.forEach((stop) => stop());
    this.#group.stop();
    this.#receipts.stop();
    this.#repair.stop();
  }

  /** In the room's queue; what breaks storage or key state breaks the session, and is never swallowed. */
  #do<T>(task: () => Promise<T>): Promise<T> {
    return this.#ctx.serial.run(async () => {
      try {
        return await task();
      } catch (error) {
        if (error instanceof StoreError || (error instanceof SealError && error.code === 'fenced')) this.#ctx.broken(error);
        throw error;
      }
    });
  }

  /** Same, for events nobody waits for. */
  #on(task: () => Promise<void>): void {
    this.#do(task).catch((error: unknown) => this.#ctx.broken(error));
  }

  async #load(): Promise<void> {
    this.#row = (await this.#ctx.store.get<RoomRow>('rooms', this.id)) ?? emptyRow;
    await this.#group.load();
    await this.#inbox.load();
    await this.#outbox.load();
    await this.#window.load(this.#row.unread);
    this.#receipts.oweAll();
    this.#show();
  }

  #listen(): void {
    const { socket, delivery, people, mesh } = this.#ctx;
    const mine = <T extends { room: RoomId }>(then: (event: T) => Promise<void>) => {
      return (event: T) => event.room === this.id && this.#on(() => then(event));
    };
    this.#stops.push(
      socket.on(
        'joined',
        mine((frame) => this.#joined(frame)),
      ),
      socket.on(
        'presence',
        mine((frame) => this.#presence(frame)),
      ),
      socket.on(
        'members',
        mine((frame) => this.#membersChanged(frame)),
      ),
      socket.on(
        'group',
        mine((frame) => this.#group.told(frame.group)),
      ),
      socket.on(
        'committed',
        mine((frame) => this.#group.committed(frame)),
      ),
      socket.on(
        'drained',
        mine((frame) => this.#drained(frame)),
      ),
      socket.on('closed', () => this.#on(async () => this.#show())),
      delivery.on(
        'arrived',
        mine<Arrival>((arrival) => this.#inbox.receive(arrival)),
      ),
      delivery.on('acknowledged', ({ eid, devices }) => this.#on(() => this.#outbox.acknowledged(eid, devices))),
      delivery.on('held', ({ eid, devices }) => this.#on(() => this.#outbox.held(eid, devices))),
      delivery.on(
        'refused',
        mine(({ eid, devices, code }) => this.#outbox.refused(eid, devices, code)),
      ),
      mesh.on('changed', () => this.#showRoster()),
      people.changed.subscribe(() => this.#on(() => this.#window.names().then(() => this.#show()))),
    );
  }

  async #joined(frame: Joined): Promise<void> {
    const { name, topic } = frame.summary;
    this.#members = frame.members;
    this.#online.clear();
    for (const { device, user } of frame.online) this.#online.set(device, user);
    await this.#ctx.people.met(frame.members);
    await this.#save({ name, topic, left: null });
    this.#expectPeers();
    await this.#group.joined(frame.group);
    this.#ctx.socket.send({ type: 'drain', room: this.id, after: 0 });
  }

  async #presence(frame: Extract<ServerFrame, { type: 'presence' }>): Promise<void> {
    for (const { device, user } of frame.online) this.#online.set(device, user);
    for (const device of frame.offline) this.#online.delete(device);
    this.#expectPeers();
    this.#show();
  }

  async #membersChanged(frame: Extract<ServerFrame, { type: 'members' }>): Promise<void> {
    const changed = new Set([...frame.left, ...frame.joined.map(({ id }) => id)]);
    this.#members = [...this.#members.filter(({ id }) => !changed.has(id)), ...frame.joined];
    await this.#ctx.people.met(frame.joined);
    this.#show();
  }

  async #drained(frame: Extract<ServerFrame, { type: 'drained' }>): Promise<void> {
    if (frame.more) return void this.#ctx.socket.send({ type: 'drain', room: this.id, after: frame.upTo });
    this.#group.drained();
    for (const device of this.#inbox.authors.keys()) this.#repair.judge(device);
  }

  async #epochChanged(change: EpochChange): Promise<void> {
    const { store, me, clock } = this.#ctx;
    const at = clock.now();
    const { generation, epoch } = change;
    const joined: Write[] = change.added.map(({ device }) => ({
      table: 'authors',
      key: keys.joinedAt(this.id, device),
      value: { generation, epoch },
    }));
    if (joined.length) await store.write(joined);
    for (const { user, accountKey, device } of this.#group.roster?.leaves ?? [])
      if ((await this.#ctx.people.pin(user, toBase64url(accountKey))) && device !== me.device)
        await this.#notice(`key.${user}.${epoch}`, { kind: 'key-changed', user, name: this.#name(user) }, at);
    await this.#announce(change, at);
    await this.#outbox.removed(
      change.removed.map(({ device }) => device).filter((device) => !change.added.some((leaf) => leaf.device === device)),
    );
    this.#expectPeers();
    await this.#inbox.again();
  }

  /** Who came and who went, from the tree and not from the server's word (PRES5). */
  async #announce({ added, removed, generation, epoch }: EpochChange, at: number): Promise<void> {
    const leaves = this.#group.roster?.leaves ?? [];
    const present = (user: UserId) => leaves.filter((leaf) => leaf.user === user).length;
    const came = new Map(added.map((leaf) => [leaf.user, leaf]));
    const went = new Map(removed.map((leaf) => [leaf.user, leaf]));
    const tag = `${generation}.${epoch}`;
    for (const [user, leaf] of came) {
      if (went.has(user)) continue; // the same person with a fresh leaf
      const name = this.#name(user);
      if (leaf.device === this.#ctx.me.device)
        await this.#notice(`self.${tag}`, leaves.length === 1 ? { kind: 'founded', user, name } : { kind: 'beginning' }, at);
      else if (present(user) > added.filter((other) => other.user === user).length)
        await this.#notice(`device.${user}.${tag}`, { kind: 'device-added', user, name }, at);
      else await this.#notice(`joined.${user}.${tag}`, { kind: 'joined', user, name }, at);
    }
    for (const user of went.keys())
      if (present(user) === 0) await this.#notice(`left.${user}.${tag}`, { kind: 'left', user, name: this.#name(user) }, at);
  }

  async #groupReady(): Promise<void> {
    this.#expectPeers();
    await this.#outbox.flush();
    await this.#outbox.bundleStranded();
    this.#show();
  }

  #say(body: Body): Promise<Mid> {
    return this.#do(async () => {
      const mid = await this.#outbox.say(body);
      // The composer clears on what is persisted; sealing and sending follow in the same queue.
      this.#on(() => this.#outbox.flush());
      return mid;
    });
  }

  #arrived(key: string, row: EntryRow): void {
    void this.#window.placed(key, row);
    if (row.body.kind !== 'text') return;
    const text = row.body.text.slice(0, previewLength);
    const unread = row.user === this.#ctx.me.user ? this.#row.unread : this.#row.unread + 1;
    this.#on(() => this.#save({ unread, last: { user: row.user, text, at: row.order.ms } }));
    this.#row = { ...this.#row, unread };
  }

  #authorMoved(device: DeviceId, _row: AuthorRow): void {
    this.#receipts.owe(device);
    this.#repair.judge(device);
  }

  async #receipted(device: DeviceId, user: UserId, { delivered, read }: Receipt): Promise<void> {
    const upTo = (list: Receipt['read']) => list.find((entry) => entry.device === this.#ctx.me.device)?.aseq ?? 0;
    await this.#outbox.receipt(device, user, upTo(delivered), upTo(read));
  }

  async #asked(device: DeviceId, ask: Ask): Promise<void> {
    await this.#repair.answer(device, ask);
  }

  /** Receipts, questions and answers: sealed like words, but neither numbered nor kept. */
  async #sendAside(content: Uint8Array, devices: DeviceId[]): Promise<void> {
    const roster = this.#group.roster;
    const leaves = new Set(roster?.leaves.map(({ device }) => device));
    const recipients = devices.filter((device) => leaves.has(device) && device !== this.#ctx.me.device);
    if (!roster || roster.removing.length > 0 || recipients.length === 0) return;
    const { eid, ciphertext } = await this.#ctx.sealer.seal(this.id, content, new Uint8Array(0));
    this.#ctx.delivery.dispatch({ room: this.id, eid, ciphertext }, recipients);
  }

  async #unreadableCame(): Promise<void> {
    await this.#notice('undecryptable', { kind: 'undecryptable', name: '', count: ++this.#unreadable });
  }

  async #gap(device: DeviceId, { user }: AuthorRow, from: number, to: number): Promise<void> {
    const notice: Notice = { kind: 'gap', user, name: this.#name(user), count: to - from + 1, asked: false };
    await this.#notice(`gap.${device}`, notice, this.#ctx.clock.now(), { device, from, to });
  }

  async #notice(name: string, notice: Notice, at = this.#ctx.clock.now(), about: Partial<NoticeRow> = {}): Promise<void> {
    await this.#putNotice(await this.#noticeKey(name, at), { ...about, at, notice });
  }

  async #putNotice(key: string, row: NoticeRow): Promise<void> {
    await this.#ctx.store.write([{ table: 'notices', key, value: row }]);
    this.#window.noticed(key, row);
  }

  async #removeNotice(name: string): Promise<void> {
    const { store } = this.#ctx;
    for (const { key } of await store.range('notices', { prefix: keys.room(this.id), limit: 500, reverse: true })) {
      if (!key.endsWith(`.${name}`)) continue;
      await store.write([{ table: 'notices', key, value: undefined }]);
      this.#window.noticed(key, undefined);
    }
  }

  /** A notice that is told again replaces itself where it stands, if it stands among the recent ones. */
  async #noticeKey(name: string, at: number): Promise<string> {
    const recent = await this.#ctx.store.range('notices', { prefix: keys.room(this.id), limit: 50, reverse: true });
    return recent.find(({ key }) => key.endsWith(`.${name}`))?.key ?? keys.notice(this.id, at, name);
  }

  #onlineLeaves(): DeviceId[] {
    const { me } = this.#ctx;
    return (this.#group.roster?.leaves ?? [])
      .map(({ device }) => device)
      .filter((device) => device === me.device || this.#online.has(device));
  }

  #expectPeers(): void {
    const { mesh, me } = this.#ctx;
    const removing = new Set(this.#group.roster?.removing);
    const leaves = (this.#group.roster?.leaves ?? []).filter(({ device }) => device !== me.device && !removing.has(device));
    mesh.expect(
      this.id,
      leaves.map(({ device, deviceKey }) => ({ device, deviceKey, online: this.#online.has(device) })),
    );
  }

  #name(user: UserId): string {
    return this.#ctx.people.name(user);
  }

  #stateOf(row: EntryRow): MessageState {
    return stateOf(row, this.#outbox.row(row.mid), this.#outbox.receipts, this.#ctx.me.user, this.#ctx.socket.online);
  }

  /** Words that have not left, below everything that has. */
  #waiting(): TimelineItem[] {
    const { me, socket } = this.#ctx;
    const blocked = this.#outbox.blocked;
    const why = blocked && (blocked !== 'joining' || socket.online) ? blocked : socket.online ? 'sending' : 'offline';
    const isText = (row: OutboxRow): row is OutboxRow & { body: { kind: 'text' } } => !row.sealed && row.body.kind === 'text';
    return this.#outbox.rows.filter(isText).map(({ mid, at, body, failed }) => ({
      type: 'message',
      key: `~${mid}`,
      mid,
      author: { user: me.user, device: me.device, name: this.#name(me.user) },
      mine: true,
      writtenAt: at,
      orderedAt: at,
      text: body.text,
      edited: false,
      deleted: false,
      replyTo: body.replyTo ?? null,
      reactions: [],
      clockAhead: false,
      state: failed ? { state: 'failed', reason: failed } : { state: 'waiting', why },
    }));
  }

  async #save(change: Partial<RoomRow>): Promise<void> {
    this.#row = { ...this.#row, ...change };
    await this.#ctx.store.write([{ table: 'rooms', key: this.id, value: this.#row }]);
    if (change.unread === 0) this.#window.seen();
    this.#show();
  }

  #phase(): RoomPhase {
    if (this.#row.left) return { phase: 'left', reason: this.#row.left };
    return { phase: this.#group.phase };
  }

  #show(): void {
    const { name, topic, unread, last } = this.#row;
    this.view.set({ id: this.id, name, topic, unread, ...this.#phase() });
    this.#showRoster();
    this.line.set({
      id: this.id,
      name,
      topic,
      unread,
      last: last && { author: this.#name(last.user), text: last.text, at: last.at },
      online: this.roster.value.total,
      members: this.roster.value.members.length,
    });
    this.#window.refresh();
  }

  #showRoster(): void {
    const { me, people, mesh } = this.#ctx;
    this.roster.set(
      rosterView({
        me,
        roster: this.#group.roster,
        members: this.#members,
        name: (user) => people.name(user),
        username: (user) => people.username(user),
        keyChanged: (user) => people.keyChanged(user),
        reach: (device) => mesh.reach(device, this.#online.has(device)),
        waitingFor: (devices) => this.#outbox.waitingFor(devices),
      }),
    );
  }
}
