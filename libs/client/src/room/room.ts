import {
  encodeContent,
  toBase64url,
  type Attachment,
  type Body,
  type DeviceId,
  type Eid,
  type ExpelReason,
  type HistoryEntry,
  type Mid,
  type Receipt,
  type ReportReason,
  type RoomId,
  type ServerFrame,
  type UserId,
} from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import { Administration } from './administration.ts';
import { SealError, type EpochChange, type Leaf } from '../sealing/sealer.ts';
import { Serial } from '../serial.ts';
import { StoreError } from '../storage/store.ts';
import type { MessageDetails, MessageState, RoomHandle, RoomLine, RoomView, RosterView } from '../views.ts';
import { Agreement } from './agreement.ts';
import { announcements } from './announce.ts';
import { Asides } from './asides.ts';
import { Attendance } from './attendance.ts';
import { Audience } from './audience.ts';
import type { Branch, BranchHooks } from './branch.ts';
import { Branches } from './branches.ts';
import type { RoomContext, Session } from './context.ts';
import { detailsOf } from './details.ts';
import { lineOf, viewOf, type Face } from './face.ts';
import { Group } from './group.ts';
import { History } from './history.ts';
import { HouseRules } from './house-rules.ts';
import type { Taken } from './imported.ts';
import { Inbox } from './inbox.ts';
import { listen } from './listen.ts';
import { Notices } from './notices.ts';
import { Outbox } from './outbox.ts';
import { Receipts } from './receipts.ts';
import { Repair } from './repair.ts';
import { Reports, type Disclosure } from './reports.ts';
import { aboutOf, RoomLedger } from './room-ledger.ts';
import type { AuthorRow, EntryRow } from './rows.ts';
import { stateOf } from './timeline.ts';
import { Typing } from './typing.ts';
import { Vanishing } from './vanishing.ts';
import { waitingItems } from './waiting.ts';
import { TimelineWindow } from './window.ts';

/** So long is waited for the server to take the word to those who stay. */
const farewellMs = 3_000;

/** Words of before, to who lacks them (payloads.ts): a bundle, or a page of history. */
const gives = ([kind]: Uint8Array) => kind === 3 || kind === 5;

/**
 * One room on this device: says, receives, and keeps. Everything that reads or moves its state runs in one serial queue, so that no
 * two steps ever interleave; what people see are cells derived from it.
 */
export class Room implements RoomHandle {
  readonly view: MutableCell<RoomView>;
  readonly roster = new MutableCell<RosterView>({ members: [], direct: 0, total: 0 });
  readonly line: MutableCell<Omit<RoomLine, 'level'>>;
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
  readonly #audience: Audience;
  readonly #notices: Notices;
  readonly #ledger: RoomLedger;
  readonly #window: TimelineWindow;
  readonly #rules: HouseRules;
  readonly #typing: Typing;
  readonly #vanishing: Vanishing;
  readonly #reports: Reports;
  readonly #administration: Administration;

  constructor(
    session: Session,
    readonly id: RoomId,
  ) {
    const ctx: RoomContext = { ...session, room: id, soon: (step) => this.#soon(step) };
    this.#ctx = ctx;
    this.#group = new Group(ctx, {
      changed: (change) => this.#epochChanged(change),
      ready: () => this.#groupReady(),
      online: () => this.#attendance.onlineLeaves(),
      urgent: () => this.#outbox.rows.unsealed.length > 0,
      about: () => ({ ...this.#ledger.about, passwordVersion: this.#ledger.about.settings.passwordVersion }),
      shunned: (user) => this.#rules.shunned(user),
      mayRekey: (user) => this.#attendance.roleOf(user) === 'owner',
      announce: (content) => this.#asides.settled(content, this.#others(), farewellMs),
    });
    const roster = () => this.#group.roster;
    this.#audience = new Audience(ctx);
    this.#rules = new HouseRules(ctx, {
      leaves: () => this.leaves,
      roleOf: (user) => this.#attendance.roleOf(user),
      certificate: () => this.#ledger.row.certificate ?? null,
      tell: (name, notice, at) => this.#notices.tell(name, notice, at),
      obey: () => this.#obey(),
    });
    this.#typing = new Typing(ctx, () => this.leaves);
    this.#administration = new Administration(ctx, (version, psk) => this.#do(() => this.#group.rekey(version, psk)));
    this.#reports = new Reports(ctx);
    this.#outbox = new Outbox(ctx, {
      roster,
      split: () => this.#agreement.split,
      shunning: () => this.#rules.shunning,
      asks: (now) => this.#audience.asks(now),
      acknowledged: () => this.#audience.acknowledge(roster()),
      ttl: () => this.#ledger.about.settings.disappearAfterMs ?? undefined,
      later: () => this.#newcomersDays !== null,
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
      password: (user, version, psk) => this.#group.passwordTold(user, version, psk),
      author: (device) => this.#authorMoved(device),
      behind: () => this.#group.nudge(),
      unreadable: () => this.#notices.tell('undecryptable', { kind: 'undecryptable', name: '', count: ++this.#unreadable }),
      equivocated: (user) => this.#notices.tell(`equivocation.${user}`, { kind: 'equivocation', user, name: ctx.people.name(user) }),
    });
    this.#asides = new Asides(ctx, roster);
    const send = (content: Uint8Array, devices: DeviceId[]) => this.#asides.send(content, devices);
    this.#receipts = new Receipts(ctx, { authors: this.#inbox.authors, send });
    // Everybody in the group could open what is given to one: nothing of before goes past somebody nobody has seen.
    const give = async (content: Uint8Array, devices: DeviceId[]) => !(gives(content) && this.#stranger()) && send(content, devices);
    this.#repair = new Repair(
      ctx,
      {
        send: give,
        gap: (device, row, from, to) => this.#gap(device, row, from, to),
        mended: (device) => this.#notices.remove(`gap.${device}`),
        online: () => this.#attendance.onlineLeaves().filter((device) => device !== ctx.me.device),
      },
      this.#inbox.authors,
    );
    this.#attendance = new Attendance(ctx, {
      roster,
      waitingFor: (devices) => this.#outbox.rows.waitingFor(devices),
      muted: (user) => this.#rules.muted(user),
      rules: (user) => this.#rules.rules(user),
      shunned: (user) => this.#rules.shunned(user),
    });
    this.#agreement = new Agreement(ctx, {
      roster,
      authors: this.#inbox.authors,
      said: () => this.#outbox.left,
      lacking: (author, from, to, peer) => this.#repair.fetch(author, from, to, peer),
      split: () => this.#notices.tell('split', { kind: 'split' }),
    });
    this.#ledger = new RoomLedger(ctx);
    this.#history = new History(ctx, this.#ledger, this.#inbox.authors, {
      roster,
      send: give,
      online: () => this.#attendance.onlineLeaves(),
      accept: (entry) => this.#inbox.historic(entry),
      days: () => this.#newcomersDays,
      show: (entry) => this.#inbox.shown(entry),
      shown: (user) => this.#notices.tell(`shown.${user}`, { kind: 'history-shown', user, name: ctx.people.name(user) }),
      complete: async () => this.#inbox.authors.forEach((_, device) => this.#authorMoved(device)),
    });
    this.#window = new TimelineWindow(ctx, {
      state: (row) => this.#stateOf(row),
      hidden: (row) => (row.private ? null : this.#rules.hidden(row)),
      waiting: () => this.#waiting(),
      privateWith: (id) => this.#branches.names(id),
    });
    this.#notices = new Notices(ctx, (key, row) => this.#window.noticed(key, row));
    this.#vanishing = new Vanishing(ctx, async (key, mid) => {
      this.#window.removed(key);
      await this.#ledger.vanished(mid);
      await ctx.files.gone(mid);
    });
    this.view = new MutableCell<RoomView>(viewOf(this.#face()));
    this.line = new MutableCell<Omit<RoomLine, 'level'>>(lineOf(this.#face(), this.roster.value));
    this.#loaded = this.#do(() => this.#load());
    this.#loaded.catch((error: unknown) => this.#failed(error));
    this.#deaf = listen(ctx, {
      group: this.#group,
      inbox: this.#inbox,
      outbox: this.#outbox,
      attendance: this.#attendance,
      rules: this.#rules,
      typing: this.#typing,
      joined: (frame) => this.#told(frame),
      changed: (frame) => this.#told(frame),
      members: () => this.#ledger.save({ roles: this.#attendance.roles }),
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

  async say(text: string, beside: { replyTo?: Mid; mentions?: UserId[]; files?: Attachment[] } = {}): Promise<Mid> {
    const { replyTo, mentions = [], files = [] } = beside;
    const about = { ...(replyTo ? { replyTo } : {}), ...(mentions.length ? { mentions } : {}), ...(files.length ? { files } : {}) };
    return this.#say({ kind: 'text', text, ...about });
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
  newer(): Promise<void> {
    return this.#do(() => this.#window.newer());
  }
  latest(): Promise<void> {
    return this.#do(() => this.#window.latest());
  }
  jumpTo(mid: Mid): Promise<boolean> {
    return this.#do(() => this.#window.jumpTo(mid));
  }
  details(mid: Mid): Promise<MessageDetails | null> {
    return this.#do(() => detailsOf(this.#ctx, mid, this.#outbox.rows.of(mid), this.#outbox.reached.receipts));
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
  get typing() {
    return this.#typing.users;
  }
  /** Nobody outside a private conversation learns that one writes in it; nor anybody while one does not want to be seen. */
  type(): void {
    if (!this.#branches.active && !this.#ctx.hides() && !this.#rules.muted(this.#ctx.me.user)) this.#typing.tell();
  }
  get moderation() {
    return this.#rules.moderation;
  }
  get administration() {
    return this.#administration;
  }
  letIn(user: UserId): Promise<void> {
    return this.#do(() => this.#group.letIn(user));
  }
  async enterPassword(password: string): Promise<void> {
    await this.#ctx.enterPassword(this.id, password);
    await this.#do(async () => this.#group.passwordGiven());
  }
  disclose(mids: Mid[]): Promise<Disclosure[]> {
    return this.#reports.disclose(mids);
  }
  report(mids: Mid[], reason: ReportReason, note: string): Promise<void> {
    return this.#reports.send(mids, reason, note);
  }
  acknowledgeKey(user: UserId): Promise<void> {
    return this.#ctx.people.acknowledgeKey(user);
  }
  async draft(): Promise<string> {
    await this.#loaded;
    return this.#ledger.row.draft;
  }
  saveDraft(draft: string): Promise<void> {
    return this.#do(async () => {
      await this.#ledger.save({ draft });
      this.line.set(lineOf(this.#face(), this.roster.value));
    });
  }
  markRead(): Promise<void> {
    return this.#do(async () => {
      await this.#receipts.read();
      this.#branches.markRead();
      await this.#ledger.read();
      this.#window.seen();
      this.#show();
    });
  }
  async leave(): Promise<void> {
    await this.#ctx.rest.ask('POST', `/api/rooms/${this.id}/leave`, { json: {} });
    await this.expelled('left');
  }

  /** Entries of an archive, in its order: a message before what was done to it. `own`: as if another device of this account had brought them. */
  takeArchived(entries: HistoryEntry[], own: boolean): Promise<Taken[]> {
    return this.#do(async () => {
      const taken: Taken[] = [];
      for (const entry of entries) taken.push(await this.#inbox.archived(entry, own));
      this.#inbox.authors.forEach((_, device) => this.#authorMoved(device));
      return taken;
    });
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
  /** Whom one has blocked has changed (MOD2). */
  blocksChanged(): void {
    this.#soon(async () => {
      await this.#window.names();
      this.#show();
    });
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
      const stay = this.#others().filter((device) => !away.has(device));
      await this.#asides.settled(encodeContent({ kind: 'apart', devices: [...away] }), stay, farewellMs);
    });
  }
  async proposePrivate(): Promise<void> {
    await this.#ctx.goPrivate(this.id);
  }

  /** Not a member any more: history stays readable, keys go. */
  expelled(reason: ExpelReason): Promise<void> {
    return this.#do(async () => {
      this.#ctx.mesh.forget(this.id);
      this.#ctx.delivery.releaseRoom(this.id);
      this.#inbox.forget();
      await this.#group.leave();
      await this.#audience.forget();
      // Who was away when it happened is told by members, or by what they said then.
      const why = reason === 'removed' ? (this.#rules.putOut(this.#ctx.me.user) ?? reason) : reason;
      await this.#rules.gone([this.#ctx.me.user]);
      await this.#ledger.save({ left: why });
      this.#show();
    });
  }

  /** From time to time: keys that have grown old are renewed. */
  tend(): void {
    this.#group.nudge();
    // A moderator's certificate is good for a day: in time another one, so that members obey without the server, too.
    if (this.#rules.certificateEndsSoon) this.#ctx.socket.send({ type: 'join', room: this.id });
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
    this.#vanishing.stop();
    this.#typing.stop();
    this.#rules.stop();
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
    this.#attendance.load(this.#ledger.row.roles ?? {});
    await this.#rules.load();
    await this.#audience.load();
    await this.#group.load();
    await this.#outbox.load();
    await this.#inbox.load();
    await this.#window.load(this.#ledger.row.unread);
    this.#repair.load();
    this.#receipts.oweAll();
    await this.#vanishing.load(this.#ledger.about.settings.retentionDays);
    this.#attendance.expectPeers(); // members may be met without any server (P-26)
    this.#show();
  }

  /** Null also where a conversation is between two, or its messages vanish: there nobody comes later, or nothing is left to show. */
  get #newcomersDays(): number | null {
    const { kind, settings } = this.#ledger.about;
    return kind === 'direct' || settings.disappearAfterMs !== null ? null : (settings.newcomersDays ?? null); // absent in what an earlier version stored
  }

  #stranger(): boolean {
    const { roster } = this.#group;
    return roster !== null && this.#audience.asks(roster);
  }

  #others(): DeviceId[] {
    return this.leaves.map(({ device }) => device).filter((device) => device !== this.#ctx.me.device);
  }

  async #epochChanged(change: EpochChange): Promise<void> {
    const { people, me, clock } = this.#ctx;
    const at = clock.now();
    const leaves = this.#group.roster?.leaves ?? [];
    await this.#repair.joined(change, leaves);
    for (const { user, accountKey, device } of leaves)
      if ((await people.pin(user, toBase64url(accountKey))) && device !== me.device)
        await this.#notices.tell(`key.${user}.${change.epoch}`, { kind: 'key-changed', user, name: people.name(user) }, at);
    for (const { name, notice } of announcements(change, leaves, me.device, (user) => people.name(user))) {
      await this.#notices.tell(name, notice, at);
      if (notice.kind === 'joined') this.#ctx.heard({ kind: 'joined', room: this.id, name: notice.name });
    }
    await this.#audience.moved(this.#group.roster, this.#group.welcomed);
    const fresh = new Set(change.added.map(({ device }) => device));
    if (fresh.has(me.device)) await this.#history.begun();
    await this.#notices.remove('split');
    const stays = new Set(leaves.map(({ user }) => user));
    // Who has no leaf of before came now; so did, for a device that comes in, everybody it finds.
    const old = new Set(fresh.has(me.device) ? [] : leaves.filter(({ device }) => !fresh.has(device)).map(({ user }) => user));
    await this.#rules.came([...stays].filter((user) => !old.has(user)));
    const gone = change.removed.map(({ user }) => user).filter((user) => !stays.has(user));
    await this.#rules.gone(gone);
    await this.#group.forgetLetIn(gone);
    this.#agreement.epochChanged();
    await this.#outbox.removed(change.removed.map(({ device }) => device).filter((device) => !fresh.has(device)));
    const anew = change.removed.map(({ device }) => device).filter((device) => fresh.has(device));
    await this.#outbox.cameAnew(anew.includes(me.device) ? leaves.map(({ device }) => device) : anew);
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
    const files = body.kind === 'text' && body.files ? body.files : [];
    const branch = this.#branches.active;
    if (branch) return this.#sayApart(branch, body, files);
    return this.#do(async () => {
      this.#rules.requireMaySay(body);
      const mid = await this.#outbox.say(body);
      if (files.length > 0) await this.#ctx.files.said(this.id, mid, files, true);
      // The composer clears on what is persisted; sealing and sending follow in the same queue.
      this.#soon(() => this.#outbox.flush());
      return mid;
    });
  }

  /** Among those who left the server together: nothing goes into its storage. */
  async #sayApart(branch: Branch, body: Body, files: Attachment[]): Promise<Mid> {
    const mid = await branch.say(body);
    if (files.length > 0) await this.#ctx.files.said(this.id, mid, files, false);
    return mid;
  }

  async #placed(key: string, row: EntryRow, historic = false): Promise<void> {
    this.#agreement.wordsMoved();
    if (!historic) await this.#history.late(row);
    this.#rules.placed(row);
    this.#typing.over(row.user);
    await this.#vanishing.placed(row);
    await this.#window.placed(key, row, historic);
    await this.#ledger.placed(row, historic);
    this.#show();
    await this.#filesOf(row, historic);
    if (!historic) this.#hear(row);
  }

  async #filesOf({ mid, user, device, body, ...row }: EntryRow, historic: boolean): Promise<void> {
    const { files, me } = this.#ctx;
    if (body.kind === 'delete') return files.gone(body.target, user);
    if (body.kind !== 'text' || !body.files || device === me.device || historic) return;
    if (this.#rules.hidden({ mid, user, device, body, ...row }) === null) await files.heard(this.id, mid, user, body.files);
  }

  /** What others say now, and are let say here, is worth a sound. */
  #hear(row: EntryRow): void {
    const { mid, user: author, body } = row;
    const { me, people, room } = this.#ctx;
    if (body.kind !== 'text' || author === me.user || this.#rules.hidden(row) !== null) return;
    this.#ctx.heard({
      kind: 'message',
      room,
      mid,
      author,
      name: people.name(author),
      text: body.text,
      mentioned: this.#ledger.calls(body),
    });
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

  /** The server's word on what the room is, and what one is in it. */
  async #told(frame: Extract<ServerFrame, { type: 'joined' | 'changed' }>): Promise<void> {
    const { summary, settings, certificate } = frame;
    const before = this.#ledger.row.about?.settings;
    const about = aboutOf(summary, settings, summary.kind === 'direct' ? this.#attendance.other : null);
    await this.#ledger.save({ name: summary.name, topic: summary.topic, left: null, about, certificate, roles: this.#attendance.roles });
    if (!before) return;
    const { disappearAfterMs, retentionDays, newcomersDays, passwordVersion } = settings;
    if (newcomersDays !== (before.newcomersDays ?? null))
      await this.#notices.tell(`newcomers.${this.#ctx.clock.now()}`, { kind: 'newcomers', days: newcomersDays });
    if (disappearAfterMs !== before.disappearAfterMs || retentionDays !== before.retentionDays) {
      // Said aloud: a server that shortens how long words stay does so before everybody's eyes.
      await this.#notices.tell(`settings.${this.#ctx.clock.now()}`, { kind: 'settings', disappearAfterMs, retentionDays });
      await this.#vanishing.load(retentionDays);
    }
    if (passwordVersion !== before.passwordVersion) await this.#notices.tell(`password.${passwordVersion}`, { kind: 'password-changed' });
  }

  /** An act of moderation: links, words that wait, and what is shown follow. */
  async #obey(): Promise<void> {
    this.#attendance.expectPeers();
    await this.#outbox.flush();
    await this.#window.names();
    this.#show();
  }

  #face(): Face {
    const { me, people } = this.#ctx;
    return {
      id: this.id,
      row: this.#ledger.row,
      about: this.#ledger.about,
      phase: this.#group.phase,
      role: this.#attendance.roleOf(me.user),
      muted: this.#rules.muted(me.user),
      knocking: this.#group.knocking,
      authenticator: this.#group.roster?.authenticator ?? null,
      people,
    };
  }

  #show(): void {
    this.roster.set(this.#attendance.view());
    this.view.set(viewOf(this.#face()));
    this.line.set(lineOf(this.#face(), this.roster.value));
    this.#window.refresh();
  }
}
