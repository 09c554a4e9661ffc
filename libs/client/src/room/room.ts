import type {
  DeviceId,
  Eid,
  ExpelReason,
  HistoryEntry,
  Mid,
  ReportReason,
  RoomId,
  ServerFrame,
  UserId,
} from '../../../protocol/src/index.ts';
import type { Leaf } from '../sealing/sealer.ts';
import type { MessageDetails } from '../views/message.ts';
import type { RoomHandle } from '../views/room-handle.ts';
import { assemble, type Parts } from './assemble.ts';
import type { Branch, BranchHooks } from './branch.ts';
import type { RoomContext, Session } from './context.ts';
import { detailsOf } from './details.ts';
import type { Taken } from './imported.ts';
import { listen } from './listen.ts';
import { Reports, type Disclosure } from './reports.ts';
import { settingsTold } from './settings-told.ts';
import type { Beside } from './speaking.ts';
import { Steps } from './steps.ts';

/**
 * One room on this device: says, receives, and keeps. What people ask of it becomes a step of its queue, or goes to the part that it is
 * about; what they see is its page.
 */
export class Room implements RoomHandle {
  readonly #ctx: RoomContext;
  readonly #steps: Steps;
  readonly #parts: Parts;
  readonly #reports: Reports;
  readonly #loaded: Promise<void>;
  readonly #deaf: () => void;

  constructor(
    session: Session,
    readonly id: RoomId,
  ) {
    const steps = new Steps(session.broken);
    const ctx: RoomContext = { ...session, room: id, soon: (step) => steps.soon(step) };
    this.#ctx = ctx;
    this.#steps = steps;
    this.#parts = assemble(ctx, steps);
    this.#reports = new Reports(ctx);
    this.#loaded = steps.run(() => this.#load());
    this.#loaded.catch((error: unknown) => steps.failed(error));
    this.#deaf = this.#listen();
  }

  #listen(): () => void {
    const { group, inbox, outbox, attendance, rules, typing, agreement, ledger, exchange, page } = this.#parts;
    const told = (frame: Extract<ServerFrame, { type: 'joined' | 'changed' }>) => settingsTold(this.#ctx, this.#parts, frame);
    return listen(this.#ctx, {
      ...{ group, inbox, outbox, attendance, rules, typing, agreement },
      joined: told,
      changed: told,
      members: () => ledger.save({ roles: attendance.roles }),
      drained: () => inbox.authors.forEach((_, device) => exchange.repair.judge(device)),
      present: () => exchange.history.resume(),
      asideRefused: () => exchange.receipts.oweAll(),
      names: () => page.window.names(),
      show: () => page.show(),
      showRoster: () => page.showRoster(),
    });
  }

  async #load(): Promise<void> {
    const { ledger, attendance, rules, audience, group, outbox, inbox, unreadable, page, exchange } = this.#parts;
    await ledger.load();
    attendance.load(ledger.row.roles ?? {});
    await rules.load();
    await audience.load();
    await group.load();
    await outbox.load();
    await unreadable.load();
    await inbox.load();
    await page.load();
    exchange.load();
    await page.sweep();
    attendance.expectPeers(); // members may be met without any server (P-26)
    page.show();
  }

  get view() {
    return this.#parts.page.view;
  }
  get roster() {
    return this.#parts.page.roster;
  }
  get line() {
    return this.#parts.page.line;
  }
  get timeline() {
    return this.#parts.page.window.view;
  }
  get typing() {
    return this.#parts.typing.users;
  }
  get moderation() {
    return this.#parts.rules.moderation;
  }
  get administration() {
    return this.#parts.administration;
  }
  /** Leaves of the group, oneself included. */
  get leaves(): readonly Leaf[] {
    return this.#parts.group.roster?.leaves ?? [];
  }

  say(text: string, beside: Beside = {}): Promise<Mid> {
    return this.#parts.speaking.text(text, beside);
  }
  edit(target: Mid, text: string): Promise<Mid> {
    return this.#parts.speaking.say({ kind: 'edit', target, text });
  }
  remove(target: Mid): Promise<Mid> {
    return this.#parts.speaking.say({ kind: 'delete', target });
  }
  react(target: Mid, emoji: string, on: boolean): Promise<Mid> {
    return this.#parts.speaking.say({ kind: 'react', target, emoji, on });
  }
  retry(mid: Mid): Promise<void> {
    return this.#parts.speaking.retry(mid);
  }
  cancel(mid: Mid): Promise<void> {
    return this.#parts.speaking.cancel(mid);
  }
  /** Nobody outside a private conversation learns that one writes in it; nor anybody while one does not want to be seen. */
  type(): void {
    const { branches, rules, typing } = this.#parts;
    if (!branches.active && !this.#ctx.hides() && !rules.muted(this.#ctx.me.user)) typing.tell();
  }

  older(): Promise<void> {
    return this.#steps.run(() => this.#parts.page.window.older());
  }
  newer(): Promise<void> {
    return this.#steps.run(() => this.#parts.page.window.newer());
  }
  latest(): Promise<void> {
    return this.#steps.run(() => this.#parts.page.window.latest());
  }
  jumpTo(mid: Mid): Promise<boolean> {
    return this.#steps.run(() => this.#parts.page.window.jumpTo(mid));
  }
  details(mid: Mid): Promise<MessageDetails | null> {
    const { rows, reached } = this.#parts.outbox;
    return this.#steps.run(() => detailsOf(this.#ctx, mid, rows.of(mid), reached.receipts));
  }
  askForGap(key: string): Promise<void> {
    return this.#steps.run(() => this.#parts.gaps.askFor(key));
  }
  markRead(): Promise<void> {
    return this.#steps.run(async () => {
      await this.#parts.exchange.receipts.read();
      this.#parts.branches.markRead();
      await this.#parts.page.markRead();
    });
  }
  async draft(): Promise<string> {
    await this.#loaded;
    return this.#parts.ledger.row.draft;
  }
  saveDraft(draft: string): Promise<void> {
    return this.#steps.run(() => this.#parts.page.saveDraft(draft));
  }

  letIn(user: UserId): Promise<void> {
    return this.#steps.run(() => this.#parts.group.letIn(user));
  }
  async enterPassword(password: string): Promise<void> {
    await this.#ctx.enterPassword(this.id, password);
    await this.#steps.run(async () => this.#parts.group.passwordGiven());
  }
  acknowledgeKey(user: UserId): Promise<void> {
    return this.#ctx.people.acknowledgeKey(user);
  }
  disclose(mids: Mid[]): Promise<Disclosure[]> {
    return this.#reports.disclose(mids);
  }
  report(mids: Mid[], reason: ReportReason, note: string): Promise<void> {
    return this.#reports.send(mids, reason, note);
  }
  proposePrivate(): Promise<void> {
    return this.#ctx.goPrivate(this.id);
  }
  async leave(): Promise<void> {
    await this.#ctx.rest.ask('POST', `/api/rooms/${this.id}/leave`, { json: {} });
    await this.expelled('left');
  }

  /** Entries of an archive, in its order: a message before what was done to it. `own`: as if another device of this account had brought them. */
  takeArchived(entries: HistoryEntry[], own: boolean): Promise<Taken[]> {
    return this.#steps.run(async () => {
      const taken: Taken[] = [];
      for (const entry of entries) taken.push(await this.#parts.inbox.archived(entry, own));
      this.#parts.exchange.allMoved();
      return taken;
    });
  }

  /** A private conversation branched from here, or is over. While it goes on, words go there. */
  branch(id: RoomId, branch: Branch, active: boolean, names: string[]): void {
    this.#parts.branches.keep(id, branch, active, names);
    this.#steps.soon(() => this.#parts.page.renamed());
  }
  branchChanged(): void {
    this.#steps.soon(async () => this.#parts.page.show());
  }
  readonly branchHooks: BranchHooks = {
    placed: (key, row) => this.#steps.run(() => this.#parts.placing.placed(key, row)),
    tell: (name, notice, about) => this.#steps.run(() => this.#parts.page.notices.tell(name, notice, this.#ctx.clock.now(), about)),
    untell: (name) => this.#steps.run(() => this.#parts.page.notices.remove(name)),
  };
  /** Before these devices leave the server together: who stays is told. */
  tellAbsent(going: DeviceId[]): Promise<void> {
    return this.#steps.run(() => this.#parts.absence.tell(going));
  }

  /** Whom one has blocked has changed (MOD2). */
  blocksChanged(): void {
    this.#steps.soon(() => this.#parts.page.renamed());
  }
  /** Not a member any more: history stays readable, keys go. */
  expelled(reason: ExpelReason): Promise<void> {
    return this.#steps.run(() => this.#parts.course.ended(reason));
  }
  /** From time to time: keys that have grown old are renewed. */
  tend(): void {
    this.#parts.group.nudge();
    // A moderator's certificate is good for a day: in time another one, so that members obey without the server, too.
    if (this.#parts.rules.certificateEndsSoon) this.#ctx.socket.send({ type: 'join', room: this.id });
  }
  /** The server is not the one it was: started again, or from an older backup. */
  serverChanged(): Promise<void> {
    return this.#steps.run(() => this.#parts.outbox.again.serverChanged());
  }
  /** The relay gave up on an envelope of this account after its days (delivery.md D7). */
  expired(eid: Eid, devices: DeviceId[]): Promise<void> {
    return this.#steps.run(async () => {
      const users = new Set(this.leaves.flatMap(({ device, user }) => (devices.includes(device) ? [user] : [])));
      const names = [...users].map((user) => this.#ctx.people.name(user)).join(', ') || 'somebody who has left';
      await this.#parts.outbox.expired(eid, names);
    });
  }

  /** Nothing more is heard or begun; what is under way ends silently. */
  stop(): void {
    this.#steps.stop();
    this.#deaf();
    const { group, exchange, agreement, page, typing, rules } = this.#parts;
    for (const part of [group, exchange, agreement, page, typing, rules]) part.stop();
  }
}
