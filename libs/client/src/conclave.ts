import * as z from 'zod';
import {
  ConclaveError,
  DeviceList,
  SiteConfig,
  toBase64url,
  type DeletionRequest,
  type RoomId,
  type UserId,
} from '../../protocol/src/index.ts';
import { Account } from './account/account.ts';
import { Blocks } from './site/blocks.ts';
import { MutableCell } from './cell.ts';
import { Console } from './site/console.ts';
import type { Examination } from './doctor/checks.ts';
import { Doors } from './account/doors.ts';
import { reportUnexpected } from './emitter.ts';
import { offerLink, useLink } from './linking.ts';
import { Recovery } from './recovery/recovery.ts';
import { Transfer } from './archive/transfer.ts';
import type { Live } from './live.ts';
import { LocalLock, refusedInWords, type Proof } from './account/local-lock.ts';
import type { Platform } from './platform.ts';
import { countOf, NoticeSettings } from './site/notice-settings.ts';
import { OwnStatusBoard } from './site/own-status.ts';
import { RoomDoors, type NewRoom, type RoomKey } from './site/room-doors.ts';
import type { Cursor, SearchPage } from './search/question.ts';
import { SealError, type Identity, type Sealer } from './sealing/sealer.ts';
import { RestClient } from './server/rest-client.ts';
import { StoreError, type Store } from './storage/store.ts';
import { Verification } from './site/verification.ts';
import type { KnownPerson } from './room/people.ts';
import type { ConclaveClient } from './views/client.ts';
import type { FilesHandle } from './views/files.ts';
import type { Heard } from './views/heard.ts';
import type { PrivacyView } from './views/privacy.ts';
import type { PrivateView } from './views/private.ts';
import type { RoomHandle } from './views/room-handle.ts';
import type { DirectoryView, RoomLine } from './views/room-list.ts';
import type { ConnectionView, Me, SessionView } from './views/session.ts';

type Opened = { me: Me; store: Store; sealer: Sealer; close: () => void };
const unreachableRetryMs = 3_000;

type SiteRow = Pick<SiteConfig, 'serverKey' | 'relay'> & Partial<Pick<SiteConfig, 'lockAfterMs' | 'files'>>;
const siteRow = ({ serverKey, relay, lockAfterMs, files }: SiteConfig): SiteRow => ({ serverKey, relay, lockAfterMs, files });

/** Builds the client core for a platform. The one place that connects its parts. */
export function createConclave(platform: Platform): Conclave {
  return new Conclave(platform);
}

/** From an empty browser to a device at work: who is signed in, which device this is, which tab owns it. */
export class Conclave implements ConclaveClient {
  readonly site = new MutableCell<SiteConfig | null>(null);
  readonly session = new MutableCell<SessionView>({ state: 'starting' });
  readonly connection = new MutableCell<ConnectionView>({ state: 'connecting', since: Date.now() });
  readonly rooms = new MutableCell<RoomLine[]>([]);
  readonly directory = new MutableCell<DirectoryView>({ rooms: [], mine: new Set(), signedIn: 0, loaded: false });
  readonly privateMode = new MutableCell<PrivateView | null>(null);
  readonly unread = new MutableCell(0);
  readonly heard = new MutableCell<Heard | null>(null);
  readonly privacy = new MutableCell<PrivacyView>({ everywhere: false, rooms: new Set(), tellsRead: true });
  readonly trouble = new MutableCell<ConclaveError | null>(null);
  readonly #rest: RestClient;
  #opened: Opened | null = null;
  #live: Live | null = null;
  #waiting: Me | null = null;
  /** Who is locked out here, when the server said who it is. */
  #locked: Me | null = null;
  /** Signing out on purpose: that the server ends the session is no news then. */
  #leaving = false;
  readonly doors: Doors;
  readonly account: Account;
  readonly localLock: LocalLock;
  readonly blocks: Blocks;
  readonly status: OwnStatusBoard;
  readonly notices: NoticeSettings;
  readonly verification: Verification;
  readonly console: Console;
  readonly recovery: Recovery;
  readonly history = new Transfer(() => this.#live?.archive ?? null);
  readonly #roomDoors: RoomDoors;

  constructor(private readonly platform: Platform) {
    this.#rest = new RestClient(platform.origin, platform.fetch);
    const passkeys = platform.passkeys ?? null;
    this.doors = new Doors(this.#rest, passkeys, (user, guest) => this.#enter(user, guest));
    this.account = new Account(this.#rest, passkeys, (me) => this.#renamed(me));
    this.localLock = new LocalLock(
      platform,
      () => this.#opened?.me.id ?? this.#locked?.id ?? platform.remembered.get(),
      async () => (await this.account.listPasskeys()).map(({ id }) => id),
    );
    this.status = new OwnStatusBoard(this.#rest);
    this.notices = new NoticeSettings(this.#rest, () => this.#opened?.store ?? null);
    this.blocks = new Blocks(this.#rest, () => this.#opened?.store ?? null);
    this.verification = new Verification(
      () => this.#live?.own ?? null,
      () => this.#live?.people ?? null,
    );
    this.console = new Console(this.#rest, () => this.#live?.own ?? null);
    this.recovery = new Recovery({
      rest: this.#rest,
      opened: () => this.#opened,
      pages: () => (this.#live ? this.history.pages(null) : null),
      take: (pages) => this.history.takePages(pages, true),
    });
    this.#roomDoors = new RoomDoors(
      this.#rest,
      () => this.#must().sealer,
      () => this.#live?.own.accountKey ?? new Uint8Array(),
    );
    this.#rest.onSessionEnded = () => void (this.#leaving || this.#signOut('ended'));
    platform.ownership.onLost(() => this.#elsewhere());
  }

  /** The running parts, for stories and the connection doctor; null unless `ready`. */
  get live(): Live | null {
    return this.#live;
  }

  async start(): Promise<void> {
    const missing = this.platform.missing();
    if (missing.length) return this.session.set({ state: 'unsupported', missing });
    if (this.platform.apart.get()) return this.#startOffline();
    try {
      this.site.set(await this.#rest.call('GET', '/api/config', SiteConfig));
      if (this.site.value!.setupNeeded) return this.session.set({ state: 'setup-needed' });
      if (this.platform.signingOut?.get()) await this.#leaveServer();
      await this.#enter((await this.#rest.renew()).user);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      if (error.code === 'unauthenticated' || error.code === 'session-ended')
        return this.session.set({ state: 'signed-out', reason: 'fresh' });
      await this.#startOffline();
    }
  }

  reconnect(): void {
    if (this.#live) this.#live.socket.retry();
    else void this.start();
  }

  async takeOver(): Promise<void> {
    const me = this.#waiting;
    if (!(await this.platform.ownership.take(true))) return;
    this.#waiting = null;
    if (!me) return this.start();
    this.platform.remembered.set(me.id);
    await this.#open(me);
  }

  async lock(): Promise<void> {
    const me = this.#opened?.me;
    const { passphrase, passkey } = await this.localLock.look();
    if (!me || !(passphrase || passkey)) return;
    this.#close();
    this.#locked = me;
    this.session.set({ state: 'locked', name: me.displayName, passphrase, passkey });
  }

  async unlock(proof: Proof): Promise<void> {
    if (this.session.value.state !== 'locked') return;
    const unlock = await this.localLock.unlocking(proof);
    const user = this.#locked?.id ?? this.platform.remembered.get()!;
    const opened = await refusedInWords(() => this.platform.open(user, unlock));
    const me = this.#locked ?? (await opened.store.get<Me>('meta', 'me'));
    try {
      if (!me) throw new ConclaveError('not-ready', 'This browser has never reached the server.');
      await this.#resume(me, opened);
      this.#locked = null;
    } catch (error) {
      // Half opened behind the lock screen is not locked: keys and worker go.
      this.#close();
      opened.close();
      throw error;
    }
  }

  async logout(forget: boolean): Promise<void> {
    const user = this.#opened?.me.id ?? this.#locked?.id ?? this.platform.remembered.get();
    this.#leaving = true;
    try {
      const identity = await this.#opened?.sealer.identity();
      if (forget && identity) await this.#rest.ask('DELETE', `/api/me/devices/${identity.device}`).catch(unlessOver);
      this.platform.signingOut?.set(true); // until the server has heard it: a cookie that stays would let the next person in
      await this.#leaveServer().catch(unlessConclave);
      await this.#depart(user, forget);
    } finally {
      this.#leaving = false;
    }
    await this.#signOut('signed-out');
  }

  async removeAccount(request: DeletionRequest): Promise<void> {
    const user = this.#opened?.me.id ?? null;
    this.#leaving = true;
    try {
      await this.account.remove(request);
      await this.#depart(user, true);
    } finally {
      this.#leaving = false;
    }
    await this.#signOut('signed-out');
  }

  /** The server's half of signing out. */
  async #leaveServer(): Promise<void> {
    await this.#rest.call('POST', '/api/auth/logout', z.undefined(), { json: {} });
    this.platform.signingOut?.set(false);
  }

  async #depart(user: UserId | null, forget: boolean): Promise<void> {
    this.#live?.stop();
    const { platform } = this;
    if (forget || (user && platform.guest?.get() === user)) await this.#destroy(user);
    this.#close();
    this.#locked = null;
    platform.remembered.set(null);
    platform.apart.set(false);
  }

  /** While it is open still: a closed store cannot be deleted; a locked one was never open. */
  async #destroy(user: UserId | null): Promise<void> {
    if (this.#opened) await this.#opened.store.destroy();
    else if (user) await this.platform.locks?.destroy(user);
    if (user) await this.platform.files?.destroy(user);
    if (user && this.platform.guest?.get() === user) this.platform.guest.set(null);
  }

  async offerLink() {
    return offerLink(this.#rest, this.#must().sealer);
  }
  async useLink(code: string): Promise<void> {
    const { sealer, me } = this.#must();
    try {
      await this.#register(await useLink(this.#rest, sealer, code, me.id), false);
    } catch (error) {
      if (error instanceof SealError && error.code === 'bad-link')
        throw new ConclaveError('bad-request', 'This code does not fit. Check it, or ask for a new one.');
      throw error;
    }
    await this.#go();
  }
  async useRecoveryPhrase(words: string): Promise<void> {
    await this.#register(await this.recovery.recover(this.#must().me.id, words), false);
    await this.#go();
  }
  async resetAccountKey(): Promise<void> {
    const { sealer, me } = this.#must();
    await this.#register(await sealer.enroll(me.id), true);
    await this.recovery.turnOff(); // it holds the key that is no more
    await this.#go();
  }

  people(): KnownPerson[] {
    const me = this.#opened?.me.id;
    return (this.#live?.people.all ?? []).filter(({ user }) => user !== me).sort((a, b) => a.name.localeCompare(b.name));
  }
  async find(text: string, room?: RoomId | null, cursor?: Cursor | null): Promise<SearchPage> {
    if (!this.#live) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return this.#live.search.find(text, room, cursor);
  }
  async hideAddress(room: RoomId | null, on: boolean): Promise<void> {
    if (!this.#live) throw new ConclaveError('unauthenticated', 'Sign in first.');
    await this.#live.hideAddress(room, on);
  }
  async tellRead(on: boolean): Promise<void> {
    if (!this.#live) throw new ConclaveError('unauthenticated', 'Sign in first.');
    await this.#live.privacy.tellRead(on);
  }
  async offerByHand(): Promise<{ text: string }> {
    return { text: await this.#byHand().offer() };
  }
  async answerByHand(text: string): Promise<{ text: string; name: string }> {
    const answer = await this.#byHand().answer(text);
    return { text: answer.text, name: this.#live!.nameOf(answer.device) };
  }
  async acceptByHand(text: string): Promise<{ name: string }> {
    return { name: this.#live!.nameOf(await this.#byHand().accept(text)) };
  }
  #byHand() {
    if (!this.#live) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return this.#live.mesh.byHand;
  }

  async answerPrivate(yes: boolean): Promise<void> {
    await this.#live?.private.answer(yes);
  }
  async leavePrivate(): Promise<void> {
    await this.#live?.private.leave();
  }

  async examineConnection(tell: (examination: Examination) => void): Promise<Examination> {
    const { rtc, origin, openSocket } = this.platform;
    const { Doctor } = await import('./doctor/doctor.ts'); // rarely needed: kept out of what loads first
    const doctor = new Doctor(
      {
        askServer: async () => void (await this.#rest.call('GET', '/api/config', SiteConfig)),
        openSocket: () => openSocket(`${origin.replace(/^http/, 'ws')}/socket`),
        iceServers: async () => (await this.#live?.iceServers()) ?? [],
        rtc,
        relay: this.site.value?.relay ?? true,
      },
      tell,
    );
    return doctor.examine();
  }

  createRoom(request: NewRoom): Promise<RoomId> {
    return this.#entered(this.#roomDoors.create(request));
  }
  joinRoom(room: RoomId, key?: RoomKey): Promise<RoomId> {
    return this.#entered(this.#roomDoors.join(room, key));
  }
  joinHidden(name: string): Promise<RoomId> {
    return this.#entered(this.#roomDoors.joinHidden(name));
  }
  joinByInvitation(fragment: string): Promise<RoomId> {
    return this.#entered(this.#roomDoors.joinByInvitation(fragment));
  }
  joinBySlug(slug: string): Promise<RoomId> {
    return this.#entered(this.#roomDoors.joinBySlug(slug));
  }
  direct(user: UserId): Promise<RoomId> {
    return this.#entered(this.#roomDoors.direct(user));
  }
  async #entered(door: Promise<RoomId>): Promise<RoomId> {
    const room = await door;
    this.#live?.enter(room);
    this.directory.update((view) => ({ ...view, mine: new Set([...view.mine, room]) }));
    return room;
  }
  watchDirectory(on: boolean): void {
    this.#live?.directory.watch(on);
  }
  get files(): FilesHandle {
    if (!this.#live) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return this.#live.files;
  }
  room(id: RoomId): RoomHandle {
    const room = this.#live?.room(id);
    if (!room) throw new ConclaveError('not-found', 'This room is not one of yours.');
    return room;
  }

  async #enter(me: Me, guest = false): Promise<void> {
    this.#rest.person = me.id;
    this.platform.signingOut?.set(false);
    if (guest) this.platform.guest?.set(me.id);
    this.site.update((site) => site && { ...site, setupNeeded: false });
    if (this.#live && this.#opened?.me.id === me.id) return;
    this.#close(); // a site may hand over another person than the one who was here
    if (!(await this.platform.ownership.take(false))) {
      this.#waiting = me;
      return this.session.set({ state: 'elsewhere' });
    }
    this.platform.remembered.set(me.id);
    await this.#open(me);
  }

  /** The server cannot be reached: what is stored still opens (ACC16, APP1). */
  async #startOffline(): Promise<void> {
    const user = this.platform.remembered.get();
    if (user && (await this.platform.ownership.take(false))) {
      const opened = await this.#unlocked(user, null);
      if (!opened) return;
      const me = await opened.store.get<Me>('meta', 'me');
      if (me && (await opened.sealer.identity())) {
        this.#opened = { ...opened, me };
        return this.#go();
      }
      opened.close();
      this.platform.ownership.release();
    }
    this.session.set({ state: 'unreachable' });
    setTimeout(() => this.session.value.state === 'unreachable' && void this.start(), unreachableRetryMs);
  }

  async #open(me: Me): Promise<void> {
    const opened = await this.#unlocked(me.id, me);
    if (opened) await this.#resume(me, opened);
  }

  /** What is stored, or null when it has to be unlocked first: then the session says so. */
  async #unlocked(user: UserId, me: Me | null): Promise<Omit<Opened, 'me'> | null> {
    try {
      return await this.platform.open(user);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'locked') throw error;
      const { passphrase, passkey } = await this.localLock.look();
      if (!passphrase && !passkey) throw error; // the browser's own key is damaged: no word opens it
      this.#locked = me;
      this.session.set({ state: 'locked', name: me?.displayName ?? null, passphrase, passkey });
      return null;
    }
  }

  async #resume(me: Me, opened: Omit<Opened, 'me'>): Promise<void> {
    this.#opened = { ...opened, me };
    await opened.store.write([{ table: 'meta', key: 'me', value: me }]);
    const identity = await opened.sealer.identity();
    // Who left the server for a private conversation stays away from it, also behind a lock (MESH6).
    if (identity && (this.platform.apart.get() || (await this.#stillValid(identity)))) return this.#go();
    const { accountKey, devices } = await this.#rest.as('GET', '/api/me/devices', DeviceList);
    if (accountKey !== null) return this.session.set({ state: 'needs-device', user: me, devices });
    await this.#register(await opened.sealer.enroll(me.id), false);
    await this.#go();
  }

  /** Tells the server which device this session is. False when the account has removed the device, or has another key now. */
  async #stillValid(identity: Identity): Promise<boolean> {
    try {
      await this.#register(identity, false);
      return true;
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      if (error.code === 'conflict' || error.code === 'forbidden') return false;
      // Without the server, or a session, what is stored still opens (ACC16); the server says later what it thinks of it.
      if (error.shouldRetry()) return true;
      throw error;
    }
  }

  #register({ device, deviceKey, accountKey, signature }: Identity, resetAccountKey: boolean): Promise<void> {
    const json = {
      deviceKey: toBase64url(deviceKey),
      accountKey: toBase64url(accountKey),
      signature: toBase64url(signature),
      name: this.platform.deviceName(),
      resetAccountKey,
    };
    return this.#rest.ask('PUT', `/api/me/devices/${device}`, { json });
  }

  async #go(): Promise<void> {
    const opened = this.#must();
    const { me, store, sealer } = opened;
    this.#rest.person = me.id;
    const identity = await sealer.identity();
    if (!identity) throw new ConclaveError('internal', 'This browser has no device key.');
    const { platform } = this;
    const known = this.site.value && siteRow(this.site.value);
    const site = known ?? (await store.get<SiteRow>('meta', 'site'));
    if (!site) throw new ConclaveError('not-ready', 'This browser has never reached the server.');
    await store.write([{ table: 'meta', key: 'site', value: site }]);
    this.localLock.limit(site.lockAfterMs ?? null);
    const { Live } = await import('./live.ts'); // not before somebody is in: the doors need little
    if (this.#opened !== opened) return; // signed out, locked or moved to another tab meanwhile
    await this.blocks.load();
    await this.notices.load();
    const live = new Live({
      platform,
      rest: this.#rest,
      store,
      sealer,
      identity,
      site,
      blocks: this.blocks,
      status: this.status,
      notices: this.notices,
      enterPassword: (room, password) => this.#roomDoors.enterPassword(room, password),
      tend: () => this.recovery.tend().catch(unlessConclave),
      broken: (error) => this.#broken(error),
    });
    this.#live = live;
    live.socket.state.subscribe((view) => this.connection.set(view));
    live.private.view.subscribe((view) => this.privateMode.set(view));
    live.directory.view.subscribe((view) => this.directory.set(view));
    live.heard.subscribe((event) => this.heard.set(event));
    live.privacy.view.subscribe((view) => this.privacy.set(view));
    live.lines.subscribe((lines) => {
      this.rooms.set(lines);
      this.unread.set(lines.reduce((sum, line) => sum + countOf(line), 0));
    });
    await live.start();
    if (this.#live === live) this.session.set({ state: 'ready', user: me, device: identity.device });
  }

  /** One's own name or picture is another now; what is stored follows at the next start. */
  #renamed({ id, username, displayName, accountKey, avatar, role }: Me): void {
    const me = { id, username, displayName, accountKey, avatar, role };
    if (this.#opened) this.#opened.me = me;
    this.session.update((session) => (session.state === 'ready' ? { ...session, user: me } : session));
  }

  /** Key state moved to another tab, storage is full, or something unforeseen: said aloud, never swallowed. */
  #broken(error: unknown): void {
    if ((error instanceof StoreError || error instanceof SealError) && error.code === 'fenced') return this.#elsewhere();
    if (error instanceof StoreError && error.code === 'closed') return; // a step that was under way while signing out
    if (error instanceof ConclaveError) return this.trouble.set(error);
    if (error instanceof StoreError && error.code === 'full')
      return this.trouble.set(
        new ConclaveError('unavailable', 'This device has no room left to store messages. Free some space, then try again.'),
      );
    this.trouble.set(new ConclaveError('internal', 'Something unexpected happened. Reload the page; nothing that was sent is lost.'));
    reportUnexpected(error);
  }

  #elsewhere(): void {
    this.#waiting = this.#opened?.me ?? this.#locked ?? this.#waiting;
    this.#locked = null;
    this.#close();
    this.session.set({ state: 'elsewhere' });
  }

  async #signOut(reason: 'signed-out' | 'ended'): Promise<void> {
    // Ended from elsewhere: nothing opens here without signing in again, and of a guest nothing stays.
    if (reason === 'ended') await this.#depart(this.#opened?.me.id ?? this.#locked?.id ?? null, false);
    this.#close();
    this.#rest.signedOut();
    this.platform.ownership.release();
    this.session.set({ state: 'signed-out', reason });
  }

  #close(): void {
    this.#live?.stop();
    this.#live = null;
    this.#opened?.close();
    this.#opened = null;
    this.rooms.set([]);
    this.privateMode.set(null);
    this.unread.set(0);
  }

  #must(): Opened {
    if (!this.#opened) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return this.#opened;
  }
}

/** What is gone already need not be removed. */
function unlessOver(error: unknown): void {
  if (!(error instanceof ConclaveError) || !['session-ended', 'unauthenticated', 'not-found'].includes(error.code)) throw error;
}
/** The server's half of signing out is done at the next start. */
function unlessConclave(error: unknown): void {
  if (!(error instanceof ConclaveError)) throw error;
}
