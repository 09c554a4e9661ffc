import { MutableCell } from '../../../libs/client/src/cell.ts';
import type {
  ConclaveClient,
  ConnectionView,
  DirectoryView,
  PrivacyView,
  PrivateView,
  RoomLine,
  SessionView,
} from '../../../libs/client/src/views.ts';
import { previewExamination } from './preview-doctor.ts';
import { ConclaveError } from '../../../libs/protocol/src/errors.ts';
import type { Device, Invite, NewInvite, SiteConfig } from '../../../libs/protocol/src/rest.ts';
import { me, rooms } from './preview-data.ts';
import { PreviewRoom } from './preview-room.ts';

const DAY = 86_400_000;
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Stands in for the client core in the preview build. */
export class PreviewClient implements ConclaveClient {
  readonly site = new MutableCell<SiteConfig | null>({
    name: 'Northgate',
    version: '0.1.0',
    setupNeeded: false,
    registration: 'invite',
    relay: true,
    serverKey: '',
  });
  readonly session = new MutableCell<SessionView>({ state: 'starting' });
  readonly connection: MutableCell<ConnectionView>;
  readonly rooms = new MutableCell<RoomLine[]>(rooms);
  readonly directory = new MutableCell<DirectoryView>({ rooms: [], mine: new Set(), signedIn: 0, loaded: false });
  readonly privacy = new MutableCell<PrivacyView>({ everywhere: false, rooms: new Set(), tellsRead: true });
  readonly privateMode = new MutableCell<PrivateView | null>(null);
  readonly unread = new MutableCell(131);
  readonly trouble = new MutableCell<ConclaveError | null>(null);
  readonly #handles = new Map<string, PreviewRoom>();
  readonly #params: URLSearchParams;
  #devices: Device[] = [
    { id: 'd1', name: 'Chromium on Linux', createdAt: Date.now() - 40 * DAY, lastSeenAt: Date.now(), current: true },
    { id: 'd2', name: 'Firefox on Android', createdAt: Date.now() - 12 * DAY, lastSeenAt: Date.now() - 5 * 3_600_000, current: false },
  ];
  #invites: Invite[] = [
    { id: 'i1', usesLeft: 4, expiresAt: Date.now() + 6 * DAY, createdAt: Date.now() - DAY, createdBy: me.id, rooms: [rooms[0]!.id] },
  ];

  constructor(params: URLSearchParams) {
    this.#params = params;
    const since = Date.now() - 30_000;
    const link = params.get('link');
    this.connection = new MutableCell<ConnectionView>(
      link === 'waiting'
        ? { state: 'waiting', since, retryAt: Date.now() + 25_000, reason: 'unreachable' }
        : link === 'connecting'
          ? { state: 'connecting', since }
          : { state: 'online' },
    );
    if (params.has('norooms')) this.rooms.set([]);
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
    const devices = this.#devices.slice(1);
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
  async setup(): Promise<void> {
    this.#enter();
  }
  async register(): Promise<void> {
    await soon(500);
    throw new ConclaveError('name-taken', '');
  }
  async login(username: string): Promise<void> {
    await soon(400);
    if (username === 'wrong') throw new ConclaveError('bad-credentials', '');
    this.#enter();
  }
  async logout(): Promise<void> {
    this.session.set({ state: 'signed-out', reason: 'signed-out' });
  }
  async invites(): Promise<Invite[]> {
    return this.#invites;
  }
  async invite(): Promise<NewInvite> {
    const invite = { ...this.#invites[0]!, id: `i${this.#invites.length + 1}`, secret: 'Qm9vdHN0cmFwLWludml0ZS1zZWNyZXQtMDE' };
    this.#invites = [...this.#invites, invite];
    return invite;
  }
  async revokeInvite(id: string): Promise<void> {
    this.#invites = this.#invites.filter((invite) => invite.id !== id);
  }
  async devices(): Promise<Device[]> {
    return this.#devices;
  }
  async removeDevice(id: string): Promise<void> {
    this.#devices = this.#devices.filter((device) => device.id !== id);
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
  async useLink(): Promise<void> {
    await soon(1500);
    throw new ConclaveError('not-found', '');
  }
  async resetAccountKey(): Promise<void> {
    this.#enter();
  }
  async createRoom(request: { name: string; topic?: string }): Promise<string> {
    const line: RoomLine = {
      id: crypto.randomUUID(),
      name: request.name,
      topic: request.topic ?? '',
      unread: 0,
      last: null,
      online: 1,
      members: 1,
    };
    this.rooms.update((all) => [...all, line]);
    return line.id;
  }
  async joinRoom(): Promise<void> {
    await soon(500);
    throw new ConclaveError('room-full', '');
  }
  watchDirectory(on: boolean): void {
    if (!on || this.#params.has('slow')) return;
    const more = ['Library', 'Choir', 'Bicycle workshop'].map((name, i) => ({
      id: `r${i}`,
      name,
      topic: i ? '' : 'What are you reading?',
      members: 4 + i,
      online: i,
    }));
    this.directory.set({
      rooms: [...rooms, ...more].map(({ id, name, topic, members, online }) => ({ id, kind: 'open', name, topic, members, online })),
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
