import * as z from 'zod';
import {
  ConclaveError,
  Device,
  DeviceList,
  Invite,
  NewInvite,
  RoomSummary,
  SignedIn,
  SiteConfig,
  toBase64url,
  type DeviceId,
  type InviteRequest,
  type RegisterRequest,
  type RoomId,
  type RoomRequest,
  type SetupRequest,
} from '../../protocol/src/index.ts';
import { MutableCell } from './cell.ts';
import type { Examination } from './doctor/checks.ts';
import { Doctor } from './doctor/doctor.ts';
import { reportUnexpected } from './emitter.ts';
import { offerLink, useLink } from './linking.ts';
import { Live } from './live.ts';
import type { Platform } from './platform.ts';
import { SealError, type Identity, type Sealer } from './sealing/sealer.ts';
import { RestClient } from './server/rest-client.ts';
import { StoreError, type Store } from './storage/store.ts';
import type {
  ConclaveClient,
  ConnectionView,
  DirectoryView,
  Me,
  PrivacyView,
  PrivateView,
  RoomHandle,
  RoomLine,
  SessionView,
} from './views.ts';

type Opened = { me: Me; store: Store; sealer: Sealer; close: () => void };
const unreachableRetryMs = 3_000;

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
  readonly privacy = new MutableCell<PrivacyView>({ everywhere: false, rooms: new Set(), tellsRead: true });
  readonly trouble = new MutableCell<ConclaveError | null>(null);
  readonly #rest: RestClient;
  #opened: Opened | null = null;
  #live: Live | null = null;
  #waiting: Me | null = null;

  constructor(private readonly platform: Platform) {
    this.#rest = new RestClient(platform.origin, platform.fetch);
    this.#rest.onSessionEnded = () => void this.#signOut('ended');
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
    if (!me || !(await this.platform.ownership.take(true))) return;
    this.#waiting = null;
    await this.#open(me);
  }

  async setup(request: SetupRequest): Promise<void> {
    await this.#signIn('/api/setup', request);
    this.site.update((site) => site && { ...site, setupNeeded: false });
  }
  register(request: RegisterRequest): Promise<void> {
    return this.#signIn('/api/auth/register', request);
  }
  login(username: string, password: string): Promise<void> {
    return this.#signIn('/api/auth/login', { username, password });
  }

  async logout(forget: boolean): Promise<void> {
    const identity = await this.#opened?.sealer.identity();
    if (forget && identity) await this.#rest.ask('DELETE', `/api/me/devices/${identity.device}`);
    await this.#rest.ask('POST', '/api/auth/logout', { json: {} }).catch((error: unknown) => {
      // Ending the session offline is the browser's to do; the server's half ends with the refresh token's life.
      if (!(error instanceof ConclaveError)) throw error;
    });
    this.#live?.stop();
    if (forget) await this.#opened?.store.destroy(); // while it is open still: a closed store cannot be deleted
    this.#close();
    this.platform.remembered.set(null);
    this.platform.apart.set(false);
    await this.#signOut('signed-out');
  }

  invites(): Promise<Invite[]> {
    return this.#rest.as('GET', '/api/invites', z.array(Invite));
  }
  invite(request: InviteRequest): Promise<NewInvite> {
    return this.#rest.as('POST', '/api/invites', NewInvite, { json: request });
  }
  revokeInvite(id: string): Promise<void> {
    return this.#rest.ask('DELETE', `/api/invites/${id}`);
  }

  async devices(): Promise<Device[]> {
    return (await this.#rest.as('GET', '/api/me/devices', DeviceList)).devices;
  }
  removeDevice(device: DeviceId): Promise<void> {
    return this.#rest.ask('DELETE', `/api/me/devices/${device}`);
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
  async resetAccountKey(): Promise<void> {
    const { sealer, me } = this.#must();
    await this.#register(await sealer.enroll(me.id), true);
    await this.#go();
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

  examineConnection(tell: (examination: Examination) => void): Promise<Examination> {
    const { rtc, origin, openSocket } = this.platform;
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

  async createRoom(request: RoomRequest): Promise<RoomId> {
    const { id } = await this.#rest.as('POST', '/api/rooms', RoomSummary, { json: request });
    this.#live?.enter(id);
    return id;
  }
  async joinRoom(room: RoomId): Promise<void> {
    await this.#rest.ask('POST', `/api/rooms/${room}/join`, { json: {} });
    this.#live?.enter(room);
    this.directory.update((view) => ({ ...view, mine: new Set([...view.mine, room]) }));
  }
  watchDirectory(on: boolean): void {
    this.#live?.directory.watch(on);
  }
  room(id: RoomId): RoomHandle {
    const room = this.#live?.room(id);
    if (!room) throw new ConclaveError('not-found', 'This room is not one of yours.');
    return room;
  }

  async #signIn(path: string, request: unknown): Promise<void> {
    const { user } = this.#rest.signedIn(await this.#rest.call('POST', path, SignedIn, { json: request }));
    await this.#enter(user);
  }

  async #enter(me: Me): Promise<void> {
    this.platform.remembered.set(me.id);
    if (!(await this.platform.ownership.take(false))) {
      this.#waiting = me;
      return this.session.set({ state: 'elsewhere' });
    }
    await this.#open(me);
  }

  /** The server cannot be reached: what is stored still opens (ACC16, APP1). */
  async #startOffline(): Promise<void> {
    const user = this.platform.remembered.get();
    if (user && (await this.platform.ownership.take(false))) {
      const opened = await this.platform.open(user);
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
    const opened = await this.platform.open(me.id);
    this.#opened = { ...opened, me };
    await opened.store.write([{ table: 'meta', key: 'me', value: me }]);
    const identity = await opened.sealer.identity();
    if (identity && (await this.#stillValid(identity))) return this.#go();
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
      if (error instanceof ConclaveError && (error.code === 'conflict' || error.code === 'forbidden')) return false;
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
    const { me, store, sealer } = this.#must();
    const identity = await sealer.identity();
    if (!identity) throw new ConclaveError('internal', 'This browser has no device key.');
    const { platform } = this;
    const known = this.site.value && { serverKey: this.site.value.serverKey, relay: this.site.value.relay };
    const site = known ?? (await store.get<{ serverKey: string; relay: boolean }>('meta', 'site'));
    if (!site) throw new ConclaveError('not-ready', 'This browser has never reached the server.');
    await store.write([{ table: 'meta', key: 'site', value: site }]);
    const live = new Live({ platform, rest: this.#rest, store, sealer, identity, site, broken: (error) => this.#broken(error) });
    this.#live = live;
    live.socket.state.subscribe((view) => this.connection.set(view));
    live.private.view.subscribe((view) => this.privateMode.set(view));
    live.directory.view.subscribe((view) => this.directory.set(view));
    live.privacy.view.subscribe((view) => this.privacy.set(view));
    live.lines.subscribe((lines) => {
      this.rooms.set(lines);
      this.unread.set(lines.reduce((sum, { unread }) => sum + unread, 0));
    });
    await live.start();
    if (this.#live === live) this.session.set({ state: 'ready', user: me, device: identity.device });
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
    this.#waiting = this.#opened?.me ?? this.#waiting;
    this.#close();
    this.session.set({ state: 'elsewhere' });
  }

  async #signOut(reason: 'signed-out' | 'ended'): Promise<void> {
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
