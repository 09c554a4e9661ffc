import { ConclaveError, type DeletionRequest, type RoomId, type UserId } from '../../protocol/src/index.ts';
import { Account } from './account/account.ts';
import { Doors } from './account/doors.ts';
import { LocalLock, type Proof } from './account/local-lock.ts';
import { Transfer } from './archive/transfer.ts';
import type { Examination } from './doctor/checks.ts';
import { AtWork } from './entry/at-work.ts';
import { Departure } from './entry/departure.ts';
import { Entry } from './entry/entry.ts';
import { KnownSite } from './entry/known-site.ts';
import { NewDevice } from './entry/new-device.ts';
import { OwnDevice } from './entry/own-device.ts';
import { Trouble } from './entry/trouble.ts';
import { Whereabouts } from './entry/whereabouts.ts';
import type { Live } from './live/live.ts';
import type { Platform } from './platform.ts';
import { Recovery } from './recovery/recovery.ts';
import type { KnownPerson } from './room/people.ts';
import type { Cursor, SearchPage } from './search/question.ts';
import { RestClient } from './server/rest-client.ts';
import { Blocks } from './site/blocks.ts';
import { Console } from './site/console.ts';
import { NoticeSettings } from './site/notice-settings.ts';
import { OwnStatusBoard } from './site/own-status.ts';
import { RoomDoors, type NewRoom, type RoomKey } from './site/room-doors.ts';
import { Verification } from './site/verification.ts';
import type { ConclaveClient } from './views/client.ts';
import type { FilesHandle } from './views/files.ts';
import type { RoomHandle } from './views/room-handle.ts';

/** Builds the client core for a platform. The one place that connects its parts. */
export function createConclave(platform: Platform): Conclave {
  return new Conclave(platform);
}

/** The client core as one object: hands each question to the part that answers it. */
export class Conclave implements ConclaveClient {
  readonly #rest: RestClient;
  readonly #site: KnownSite;
  readonly #work: AtWork;
  readonly #here: Whereabouts;
  readonly #entry: Entry;
  readonly #departure: Departure;
  readonly #newDevice: NewDevice;
  readonly #trouble = new Trouble(() => this.#entry.elsewhere());
  readonly #roomDoors: RoomDoors;
  readonly doors: Doors;
  readonly account: Account;
  readonly localLock: LocalLock;
  readonly blocks: Blocks;
  readonly status: OwnStatusBoard;
  readonly notices: NoticeSettings;
  readonly verification: Verification;
  readonly console: Console;
  readonly recovery: Recovery;
  readonly history = new Transfer(() => this.live?.archive ?? null);

  constructor(private readonly platform: Platform) {
    const rest = new RestClient(platform.origin, platform.fetch);
    const passkeys = platform.passkeys ?? null;
    const stored = () => this.#here.opened?.store ?? null;
    const own = () => this.live?.own ?? null;
    this.#rest = rest;
    this.#site = new KnownSite(rest);
    this.doors = new Doors(rest, passkeys, (user, guest) => this.#entry.enter(user, guest));
    this.account = new Account(rest, passkeys, (me) => this.#here.renamed(me));
    this.localLock = new LocalLock(
      platform,
      () => this.#here.user,
      async () => (await this.account.listPasskeys()).map(({ id }) => id),
    );
    this.status = new OwnStatusBoard(rest);
    this.notices = new NoticeSettings(rest, stored);
    this.blocks = new Blocks(rest, stored);
    this.verification = new Verification(own, () => this.live?.people ?? null);
    this.console = new Console(rest, own);
    this.recovery = new Recovery({
      rest,
      opened: () => this.#here.opened,
      pages: () => (this.live ? this.history.pages(null) : null),
      take: (pages) => this.history.takePages(pages, true),
    });
    this.#roomDoors = new RoomDoors(
      rest,
      () => this.#here.must().sealer,
      () => this.live?.own.accountKey ?? new Uint8Array(),
    );
    this.#work = this.#atWork();
    const work = this.#work;
    const here = new Whereabouts(platform, work);
    const device = new OwnDevice(rest, () => platform.deviceName());
    this.#here = here;
    this.#departure = new Departure(platform, rest, here, work, this.account);
    const { localLock } = this;
    this.#entry = new Entry({ platform, rest, here, site: this.#site, localLock, own: device, work, departure: this.#departure });
    this.#newDevice = new NewDevice(rest, here, device, this.recovery, this.#entry);
  }

  #atWork(): AtWork {
    const { platform, blocks, status, notices } = this;
    return new AtWork({
      platform,
      rest: this.#rest,
      blocks,
      status,
      notices,
      enterPassword: (room, password) => this.#roomDoors.enterPassword(room, password),
      // The server's half of it is done at the next occasion.
      tend: () =>
        this.recovery.tend().catch((error: unknown) => {
          if (!(error instanceof ConclaveError)) throw error;
        }),
      broken: (error) => this.#trouble.tell(error),
    });
  }

  /** The running parts, for stories and the connection doctor; null unless `ready`. */
  get live(): Live | null {
    return this.#work.live;
  }

  get site() {
    return this.#site.view;
  }
  get session() {
    return this.#here.session;
  }
  get trouble() {
    return this.#trouble.view;
  }
  get connection() {
    return this.#work.connection;
  }
  get rooms() {
    return this.#work.rooms;
  }
  get directory() {
    return this.#work.directory;
  }
  get privateMode() {
    return this.#work.privateMode;
  }
  get unread() {
    return this.#work.unread;
  }
  get heard() {
    return this.#work.heard;
  }
  get privacy() {
    return this.#work.privacy;
  }
  get files(): FilesHandle {
    return this.#work.must().files;
  }

  start(): Promise<void> {
    return this.#entry.start();
  }
  reconnect(): void {
    if (this.live) this.live.socket.retry();
    else void this.start();
  }
  takeOver(): Promise<void> {
    return this.#entry.takeOver();
  }
  lock(): Promise<void> {
    return this.#entry.lock();
  }
  unlock(proof: Proof): Promise<void> {
    return this.#entry.unlock(proof);
  }
  logout(forget: boolean): Promise<void> {
    return this.#departure.logout(forget);
  }
  removeAccount(request: DeletionRequest): Promise<void> {
    return this.#departure.removeAccount(request);
  }

  async offerLink() {
    return this.#newDevice.offerLink();
  }
  useLink(code: string): Promise<void> {
    return this.#newDevice.useLink(code);
  }
  useRecoveryPhrase(words: string): Promise<void> {
    return this.#newDevice.useRecoveryPhrase(words);
  }
  resetAccountKey(): Promise<void> {
    return this.#newDevice.resetAccountKey();
  }

  people(): KnownPerson[] {
    const me = this.#here.opened?.me.id;
    return (this.live?.people.all ?? []).filter(({ user }) => user !== me).sort((a, b) => a.name.localeCompare(b.name));
  }
  async find(text: string, room?: RoomId | null, cursor?: Cursor | null): Promise<SearchPage> {
    return this.#work.must().search.find(text, room, cursor);
  }
  async hideAddress(room: RoomId | null, on: boolean): Promise<void> {
    await this.#work.must().hideAddress(room, on);
  }
  async tellRead(on: boolean): Promise<void> {
    await this.#work.must().privacy.tellRead(on);
  }
  async offerByHand(): Promise<{ text: string }> {
    return { text: await this.#work.must().mesh.byHand.offer() };
  }
  async answerByHand(text: string): Promise<{ text: string; name: string }> {
    const answer = await this.#work.must().mesh.byHand.answer(text);
    return { text: answer.text, name: this.live!.nameOf(answer.device) };
  }
  async acceptByHand(text: string): Promise<{ name: string }> {
    const device = await this.#work.must().mesh.byHand.accept(text);
    return { name: this.live!.nameOf(device) };
  }
  async answerPrivate(yes: boolean): Promise<void> {
    await this.live?.private.answer(yes);
  }
  async leavePrivate(): Promise<void> {
    await this.live?.private.leave();
  }

  async examineConnection(tell: (examination: Examination) => void): Promise<Examination> {
    const { rtc, origin, openSocket } = this.platform;
    const { Doctor } = await import('./doctor/doctor.ts'); // rarely needed: kept out of what loads first
    const doctor = new Doctor(
      {
        askServer: async () => void (await this.#site.ask()),
        openSocket: () => openSocket(`${origin.replace(/^http/, 'ws')}/socket`),
        iceServers: async () => (await this.live?.iceServers()) ?? [],
        rtc,
        relay: this.site.value?.relay ?? true,
      },
      tell,
    );
    return doctor.examine();
  }

  createRoom(request: NewRoom): Promise<RoomId> {
    return this.#work.entered(this.#roomDoors.create(request));
  }
  joinRoom(room: RoomId, key?: RoomKey): Promise<RoomId> {
    return this.#work.entered(this.#roomDoors.join(room, key));
  }
  joinHidden(name: string): Promise<RoomId> {
    return this.#work.entered(this.#roomDoors.joinHidden(name));
  }
  joinByInvitation(fragment: string): Promise<RoomId> {
    return this.#work.entered(this.#roomDoors.joinByInvitation(fragment));
  }
  joinBySlug(slug: string): Promise<RoomId> {
    return this.#work.entered(this.#roomDoors.joinBySlug(slug));
  }
  direct(user: UserId): Promise<RoomId> {
    return this.#work.entered(this.#roomDoors.direct(user));
  }
  watchDirectory(on: boolean): void {
    this.live?.directory.watch(on);
  }
  room(id: RoomId): RoomHandle {
    const room = this.live?.room(id);
    if (!room) throw new ConclaveError('not-found', 'This room is not one of yours.');
    return room;
  }
}
