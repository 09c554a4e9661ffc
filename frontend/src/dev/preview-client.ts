import { MutableCell } from '../../../libs/client/src/cell.ts';
import type {
  ConclaveClient,
  ConnectionView,
  DirectoryView,
  KnownPerson,
  Heard,
  PrivacyView,
  PrivateView,
  Proof,
  RoomLine,
  SearchPage,
  SessionView,
} from '../../../libs/client/src/index.ts';
import { PreviewAccount, PreviewDoors, PreviewLock } from './preview-account.ts';
import { previewExamination } from './preview-doctor.ts';
import type { NewRoom } from '../../../libs/client/src/site/room-doors.ts';
import { ConclaveError } from '../../../libs/protocol/src/errors.ts';
import type { RoomKind } from '../../../libs/protocol/src/rooms.ts';
import type { SiteConfig } from '../../../libs/protocol/src/rest.ts';
import { me, rooms } from './preview-data.ts';
import { PreviewNotices, PreviewStatus } from './preview-notices.ts';
import { PreviewConsole } from './preview-console.ts';
import { PreviewBlocks, PreviewVerification } from './preview-moderation.ts';
import { previewHistory, PreviewRecovery } from './preview-recovery.ts';
import { PreviewFiles } from './preview-files.ts';
import { PreviewRoom } from './preview-room.ts';

const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Stands in for the client core in the preview build. */
export class PreviewClient implements ConclaveClient {
  readonly files = new PreviewFiles();
  readonly site = new MutableCell<SiteConfig | null>({
    brand: { color: null, url: 'https://www.northgate.example', logo: false },
    name: 'Northgate',
    version: '0.1.0',
    setupNeeded: false,
    registration: 'invite',
    relay: true,
    guests: false,
    handoff: null,
    lockAfterMs: null,
    files: { maxBytes: 100 * 1024 * 1024, days: 30 },
    serverKey: '',
  });
  readonly session = new MutableCell<SessionView>({ state: 'starting' });
  readonly connection: MutableCell<ConnectionView>;
  readonly rooms = new MutableCell<RoomLine[]>(rooms);
  readonly directory = new MutableCell<DirectoryView>({ rooms: [], mine: new Set(), signedIn: 0, loaded: false });
  readonly privacy = new MutableCell<PrivacyView>({ everywhere: false, rooms: new Set(), tellsRead: true });
  readonly privateMode = new MutableCell<PrivateView | null>(null);
  readonly unread = new MutableCell(131);
  readonly heard = new MutableCell<Heard | null>(null);
  readonly trouble = new MutableCell<ConclaveError | null>(null);
  readonly #handles = new Map<string, PreviewRoom>();
  readonly #params: URLSearchParams;
  readonly localLock = new PreviewLock();
  readonly recovery: PreviewRecovery;
  readonly history = previewHistory;
  readonly account = new PreviewAccount();
  readonly doors = new PreviewDoors(() => this.#enter());

  constructor(params: URLSearchParams) {
    this.#params = params;
    this.recovery = new PreviewRecovery(params);
    const since = Date.now() - 30_000;
    const link = params.get('link');
    this.connection = new MutableCell<ConnectionView>(
      link === 'waiting'
        ? { state: 'waiting', since, retryAt: Date.now() + 25_000, reason: 'unreachable' }
        : link === 'connecting'
          ? { state: 'connecting', since }
          : { state: 'online' },
    );
    const color = params.get('color');
    if (color) this.site.update((site) => site && { ...site, brand: { ...site.brand, color: `#${color}` } });
    if (params.has('guests')) this.site.update((site) => site && { ...site, guests: true });
    if (params.has('handoff'))
      this.site.update(
        (site) =>
          site && { ...site, handoff: { signInUrl: 'https://www.northgate.example/login', strict: params.get('handoff') === 'strict' } },
      );
    if (params.has('norooms')) this.rooms.set([]);
  }

  people(): KnownPerson[] {
    const members = this.rooms.value.flatMap(({ id }) => this.room(id).roster.value.members).filter(({ self }) => !self);
    return [...new Map(members.map(({ user, name, username, avatar }) => [user, { user, name, username, avatar }])).values()];
  }
  async find(text: string, room: string | null = null): Promise<SearchPage> {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const hits = this.rooms.value
      .filter(({ id }) => room === null || id === room)
      .flatMap(({ id }) => this.room(id).timeline.value.items.flatMap((item) => (item.type === 'message' ? [{ ...item, room: id }] : [])))
      .filter((item) => words.length > 0 && words.every((word) => item.text.toLowerCase().includes(word)))
      .sort((a, b) => b.orderedAt - a.orderedAt)
      .map(({ room: of, key, mid, author, orderedAt: at, text: said }) => ({ room: of, key, mid, author, at, text: said, files: [] }));
    return { hits, words, next: null, nobody: false, nowhere: false };
  }

  async answerPrivate(yes: boolean): Promise<void> {
    const view = this.privateMode.value;
    this.privateMode.set(yes && view?.phase === 'asked' ? { ...view, phase: 'consented' } : null);
  }
  async leavePrivate(): Promise<void> {
    this.privateMode.set(null);
  }

  async start(): Promise<void> {
    await soon(20);
    this.#goPrivate();
    const devices = (await this.account.devices()).slice(1);
    switch (this.#params.get('state')) {
      case 'starting':
        return;
      case 'unsupported':
        return this.session.set({ state: 'unsupported', missing: ['Ed25519 signatures', 'storage that survives closing the page'] });
      case 'unreachable':
      case 'elsewhere':
      case 'setup-needed':
        return this.session.set({ state: this.#params.get('state') as 'unreachable' | 'elsewhere' | 'setup-needed' });
      case 'signed-out':
        return this.session.set({ state: 'signed-out', reason: this.#params.has('ended') ? 'ended' : 'fresh' });
      case 'locked':
        return this.session.set({ state: 'locked', name: me.displayName, passphrase: true, passkey: true });
      case 'needs-device':
        return this.session.set({ state: 'needs-device', user: me, devices });
      default:
        return this.#enter();
    }
  }

  /** `?private=asked` and so on show the states of private mode. */
  #goPrivate(): void {
    const [room, until] = [rooms[0]!.id, Date.now() + 25_000];
    const person = (name: string) => ({ user: name, name });
    switch (this.#params.get('private')) {
      case 'asked':
        return this.privateMode.set({ phase: 'asked', room, until, by: 'Ines Weber' });
      case 'proposed': {
        const people = [
          { ...person('Ines'), answer: 'yes' },
          { ...person('Tomas'), answer: 'asked' },
          { ...person('Mei'), answer: 'cannot' },
        ] as const;
        return this.privateMode.set({ phase: 'proposed', room, until, people: [...people] });
      }
      case 'going': {
        const people = [
          { ...person('me'), self: true, reach: 'here' },
          { ...person('Ines'), self: false, reach: 'here' },
          { ...person('Tomas'), self: false, reach: 'lost' },
        ] as const;
        return this.privateMode.set({ phase: 'private', room, people: [...people] });
      }
    }
  }

  reconnect(): void {
    this.connection.set({ state: 'online' });
  }
  async takeOver(): Promise<void> {
    this.#enter();
  }
  async lock(): Promise<void> {
    this.session.set({ state: 'locked', name: me.displayName, passphrase: true, passkey: true });
  }
  async unlock(proof: Proof): Promise<void> {
    await soon(600);
    if (proof !== 'passkey' && proof.passphrase === 'wrong') throw new ConclaveError('bad-credentials', '');
    this.#enter();
  }
  async removeAccount({ username }: { username: string }): Promise<void> {
    if (username !== me.username) throw new ConclaveError('bad-credentials', '');
    await this.logout();
  }
  async logout(): Promise<void> {
    this.session.set({ state: 'signed-out', reason: 'signed-out' });
  }
  examineConnection = previewExamination;
  async hideAddress(room: string | null, on: boolean): Promise<void> {
    const rooms = new Set(this.privacy.value.rooms);
    if (room !== null) rooms[on ? 'add' : 'delete'](room);
    this.privacy.update((view) => ({ ...view, everywhere: room === null ? on : view.everywhere, rooms }));
  }
  async tellRead(tellsRead: boolean): Promise<void> {
    this.privacy.update((view) => ({ ...view, tellsRead }));
  }
  async offerByHand() {
    return { text: `Conclave${'Zm9yIGV5ZXMgb25seQ'.repeat(14)}` };
  }
  async answerByHand() {
    return { text: `Conclave${'YW5zd2VyIHRvIGl0'.repeat(16)}`, name: 'Bo' };
  }
  async acceptByHand() {
    return { name: 'Bo' };
  }
  async offerLink() {
    return {
      code: 'TAVI ROMU KESA BILO',
      expiresAt: Date.now() + 600_000,
      done: new Promise<void>(() => undefined),
      cancel: () => undefined,
    };
  }
  async useRecoveryPhrase(): Promise<void> {
    this.#enter();
  }
  async useLink(): Promise<void> {
    await soon(1500);
    throw new ConclaveError('not-found', '');
  }
  async resetAccountKey(): Promise<void> {
    this.#enter();
  }
  async createRoom(request: NewRoom): Promise<string> {
    const line: RoomLine = {
      kind: request.kind ?? 'open',
      icon: null,
      with: null,
      id: crypto.randomUUID(),
      name: request.name,
      topic: request.topic ?? '',
      unread: 0,
      mentions: 0,
      level: 'everything',
      last: null,
      draft: '',
      online: 1,
      members: 1,
    };
    this.rooms.update((all) => [...all, line]);
    return line.id;
  }
  async joinRoom(): Promise<string> {
    await soon(500);
    throw new ConclaveError('room-full', '');
  }
  async joinHidden(): Promise<string> {
    throw new ConclaveError('not-found', '');
  }
  async joinByInvitation(): Promise<string> {
    throw new ConclaveError('bad-invite', '');
  }
  async joinBySlug(): Promise<string> {
    return rooms[0]!.id;
  }
  async direct(): Promise<string> {
    return rooms.find(({ kind }) => kind === 'direct')!.id;
  }
  readonly status = new PreviewStatus();
  readonly notices = new PreviewNotices(this.rooms);
  readonly blocks = new PreviewBlocks();
  readonly verification = new PreviewVerification();
  readonly console = new PreviewConsole();
  watchDirectory(on: boolean): void {
    if (!on || this.#params.has('slow')) return;
    const more = ['Library', 'Choir', 'Bicycle workshop'].map((name, i) => ({
      id: `r${i}`,
      name,
      topic: i ? '' : 'What are you reading?',
      kind: i ? 'open' : 'password',
      icon: null,
      members: 4 + i,
      online: i,
    }));
    this.directory.set({
      rooms: [...rooms, ...more]
        .filter(({ kind }) => kind === 'open' || kind === 'password')
        .map(({ id, kind, name, topic, icon, members, online }) => ({
          id,
          kind: kind as RoomKind,
          name,
          topic,
          icon,
          for: null,
          slug: null,
          members,
          online,
        })),
      mine: new Set(rooms.map((room) => room.id)),
      signedIn: 7,
      loaded: true,
    });
  }
  room(id: string): PreviewRoom {
    const line = this.rooms.value.find((room) => room.id === id);
    if (!line) throw new ConclaveError('not-found', '');
    const handle = this.#handles.get(id) ?? new PreviewRoom(line, this.#params);
    this.#handles.set(id, handle);
    return handle;
  }

  #enter(): void {
    this.session.set({ state: 'ready', user: me, device: 'd1' });
  }
}
