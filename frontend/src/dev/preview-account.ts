import { MutableCell } from '../../../libs/client/src/cell.ts';
import type { ConclaveClient, LockView } from '../../../libs/client/src/index.ts';
import type { OwnProfile, Profile, ProfileChange, SessionLine } from '../../../libs/protocol/src/accounts.ts';
import type { Passkey } from '../../../libs/protocol/src/doors.ts';
import { ConclaveError } from '../../../libs/protocol/src/errors.ts';
import type { Device, Invite, NewInvite } from '../../../libs/protocol/src/rest.ts';
import { me, rooms } from './preview-data.ts';

const [HOUR, DAY] = [3_600_000, 86_400_000];
const soon = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class PreviewDoors implements Record<keyof ConclaveClient['doors'], unknown> {
  readonly hasPasskeys = true;
  constructor(private readonly enter: () => void) {}

  async setup(): Promise<void> {
    this.enter();
  }
  async register(): Promise<void> {
    await soon(500);
    throw new ConclaveError('name-taken', '');
  }
  async login(username: string): Promise<void> {
    await soon(400);
    if (username === 'wrong') throw new ConclaveError('bad-credentials', '');
    this.enter();
  }
  async reset(): Promise<void> {
    await soon(400);
    throw new ConclaveError('bad-reset-link', '');
  }
  async handOver(): Promise<void> {
    await soon(400);
    throw new ConclaveError('bad-token', 'this token has expired', undefined, 'expired');
  }
  async enterAsGuest(): Promise<void> {
    this.enter();
  }
  async passkey(): Promise<void> {
    await soon(400);
    this.enter();
  }
  async suggestPasskey(): Promise<boolean> {
    return false;
  }
  stopSuggesting(): void {
    // nothing waits here
  }
}

export class PreviewLock {
  readonly view = new MutableCell<LockView>({ passphrase: false, passkey: false, afterMs: null, limitMs: null });
  async look(): Promise<LockView> {
    return this.view.value;
  }
  async lockByPassphrase(): Promise<void> {
    this.view.update((view) => ({ ...view, passphrase: true }));
  }
  async lockByPasskey(): Promise<void> {
    this.view.update((view) => ({ ...view, passkey: true }));
  }
  async drop(by: 'passphrase' | 'passkey'): Promise<void> {
    this.view.update((view) => ({ ...view, [by]: false }));
  }
  limit(limitMs: number | null): void {
    this.view.update((view) => ({ ...view, limitMs }));
  }
  lockAfter(afterMs: number | null): void {
    this.view.update((view) => ({ ...view, afterMs }));
  }
  async unlocking(): Promise<undefined> {
    return undefined;
  }
}

export class PreviewAccount {
  readonly hasPasskeys = true;
  #profile: OwnProfile = {
    ...me,
    about: 'Builds bridges, mostly of steel. Ask me about ferries.',
    link: 'https://northgate.example/ann',
    guest: false,
    vip: false,
    createdAt: Date.now() - 40 * DAY,
    origin: 'local',
    hasPassword: true,
    passkeys: 1,
  };
  #sessions: SessionLine[] = [
    session('s1', 'Chrome on Linux', 'password', 0, true),
    session('s2', 'Firefox on Android', 'passkey', 5 * HOUR, false),
    session('s3', 'Safari on macOS', 'password', 3 * DAY, false),
  ];
  #passkeys: Passkey[] = [
    { id: 'k1', name: 'This laptop', createdAt: Date.now() - 20 * DAY, lastUsedAt: Date.now() - 2 * DAY, backedUp: true },
  ];
  #devices: Device[] = [
    { id: 'd1', name: 'Chromium on Linux', createdAt: Date.now() - 40 * DAY, lastSeenAt: Date.now(), current: true },
    { id: 'd2', name: 'Firefox on Android', createdAt: Date.now() - 12 * DAY, lastSeenAt: Date.now() - 5 * HOUR, current: false },
  ];
  #invites: Invite[] = [
    { id: 'i1', usesLeft: 4, expiresAt: Date.now() + 6 * DAY, createdAt: Date.now() - DAY, createdBy: me.id, rooms: [rooms[0]!.id] },
  ];

  async profile(): Promise<OwnProfile> {
    return this.#profile;
  }
  async change({ displayName, about, link }: ProfileChange): Promise<OwnProfile> {
    await soon(300);
    const now = this.#profile;
    return (this.#profile = {
      ...now,
      displayName: displayName ?? now.displayName,
      about: about ?? now.about,
      link: link === undefined ? now.link : link,
    });
  }
  async setAvatar(): Promise<OwnProfile> {
    return this.#profile;
  }
  async dropAvatar(): Promise<OwnProfile> {
    return this.#profile;
  }
  async of(user: string): Promise<Profile> {
    return { ...this.#profile, id: user, displayName: 'Ines Weber', username: 'ines', role: 'user' };
  }
  async avatar(): Promise<Blob> {
    throw new ConclaveError('not-found', '');
  }
  async sessions(): Promise<SessionLine[]> {
    return this.#sessions;
  }
  async endSession(id: string): Promise<void> {
    this.#sessions = this.#sessions.filter((line) => line.id !== id);
  }
  async endOtherSessions(): Promise<void> {
    this.#sessions = this.#sessions.filter(({ current }) => current);
  }
  async changePassword({ current }: { current?: string | undefined }): Promise<void> {
    await soon(400);
    if (current === 'wrong') throw new ConclaveError('bad-credentials', '');
  }
  async listPasskeys(): Promise<Passkey[]> {
    return this.#passkeys;
  }
  async addPasskey(name: string): Promise<Passkey> {
    await soon(400);
    const passkey = { id: crypto.randomUUID(), name, createdAt: Date.now(), lastUsedAt: null, backedUp: false };
    this.#passkeys = [...this.#passkeys, passkey];
    return passkey;
  }
  async removePasskey(id: string): Promise<void> {
    this.#passkeys = this.#passkeys.filter((passkey) => passkey.id !== id);
  }
  async devices(): Promise<Device[]> {
    return this.#devices;
  }
  async removeDevice(id: string): Promise<void> {
    this.#devices = this.#devices.filter((device) => device.id !== id);
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
  async exported(): Promise<Blob> {
    return new Blob(['{}'], { type: 'application/json' });
  }
  async remove({ username }: { username: string }): Promise<void> {
    if (username !== me.username) throw new ConclaveError('bad-credentials', '');
  }
}

function session(id: string, name: string, method: SessionLine['method'], ago: number, current: boolean): SessionLine {
  return { id, name, method, createdAt: Date.now() - 10 * DAY, lastUsedAt: Date.now() - ago, device: null, current };
}
