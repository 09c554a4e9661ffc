import * as z from 'zod';
import {
  ConclaveError,
  Device,
  DeviceList,
  Invite,
  NewInvite,
  OwnProfile,
  Passkey,
  PasskeyOptions,
  Passkeys as PasskeyList,
  Profile,
  SessionLine,
  SessionLines,
  type DeletionRequest,
  type DeviceId,
  type InviteRequest,
  type PasswordChange,
  type ProfileChange,
  type UserId,
} from '../../../protocol/src/index.ts';
import type { Passkeys } from './passkeys.ts';
import type { RestClient } from '../server/rest-client.ts';

/** One's own account, as its owner manages it (ACC7, ACC8, ACC12, ACC13), and what others say of themselves. Needs the server. */
export class Account {
  readonly #avatars = new Map<string, Promise<Blob>>();

  constructor(
    private readonly rest: RestClient,
    private readonly passkeys: Passkeys | null,
    private readonly changed: (profile: OwnProfile) => void,
  ) {}

  profile(): Promise<OwnProfile> {
    return this.rest.as('GET', '/api/me', OwnProfile);
  }
  change(change: ProfileChange): Promise<OwnProfile> {
    return this.#told(this.rest.as('PATCH', '/api/me', OwnProfile, { json: change }));
  }
  /** An image of any usual kind up to 1 MiB; the server makes it small and takes out what it tells of its place and time. */
  async setAvatar(image: Uint8Array): Promise<OwnProfile> {
    await this.rest.ask('PUT', '/api/me/avatar', { bytes: image });
    return this.#told(this.profile());
  }
  async dropAvatar(): Promise<OwnProfile> {
    await this.rest.ask('DELETE', '/api/me/avatar');
    return this.#told(this.profile());
  }
  of(user: UserId): Promise<Profile> {
    return this.rest.as('GET', `/api/people/${user}`, Profile);
  }
  /** The image of this name, fetched once: what the name names never changes. */
  avatar(hash: string): Promise<Blob> {
    const there = this.#avatars.get(hash);
    if (there) return there;
    const fetched = this.rest
      .bytes(`/api/avatars/${hash}`)
      .then((bytes) => new Blob([bytes as Uint8Array<ArrayBuffer>], { type: 'image/webp' }));
    fetched.catch(() => this.#avatars.delete(hash));
    if (this.#avatars.size >= avatarsKept) this.#avatars.delete(this.#avatars.keys().next().value!);
    this.#avatars.set(hash, fetched);
    return fetched;
  }

  sessions(): Promise<SessionLine[]> {
    return this.rest.as('GET', '/api/me/sessions', SessionLines);
  }
  endSession(session: string): Promise<void> {
    return this.rest.ask('DELETE', `/api/me/sessions/${session}`);
  }
  endOtherSessions(): Promise<void> {
    return this.rest.ask('DELETE', '/api/me/sessions');
  }
  changePassword(change: PasswordChange): Promise<void> {
    return this.rest.ask('PUT', '/api/me/password', { json: change });
  }

  async devices(): Promise<Device[]> {
    return (await this.rest.as('GET', '/api/me/devices', DeviceList)).devices;
  }
  removeDevice(device: DeviceId): Promise<void> {
    return this.rest.ask('DELETE', `/api/me/devices/${device}`);
  }

  get hasPasskeys(): boolean {
    return this.passkeys !== null;
  }
  listPasskeys(): Promise<Passkey[]> {
    return this.rest.as('GET', '/api/me/passkeys', PasskeyList);
  }
  /** `password`: where the account has one; else the sign-in must be fresh. */
  async addPasskey(name: string, password?: string): Promise<Passkey> {
    if (!this.passkeys) throw new ConclaveError('unavailable', 'this browser has no passkeys', undefined, 'passkeys-off');
    const { options } = await this.rest.as('POST', '/api/me/passkeys/options', PasskeyOptions, {
      json: password === undefined ? {} : { password },
    });
    const response = await this.passkeys.create(options);
    return this.rest.as('POST', '/api/me/passkeys', Passkey, { json: { name, response } });
  }
  removePasskey(id: string): Promise<void> {
    return this.rest.ask('DELETE', `/api/me/passkeys/${id}`);
  }

  invites(): Promise<Invite[]> {
    return this.rest.as('GET', '/api/invites', z.array(Invite));
  }
  invite(request: InviteRequest): Promise<NewInvite> {
    return this.rest.as('POST', '/api/invites', NewInvite, { json: request });
  }
  revokeInvite(id: string): Promise<void> {
    return this.rest.ask('DELETE', `/api/invites/${id}`);
  }

  /** Everything the server holds about this account, as JSON. */
  async exported(): Promise<Blob> {
    return new Blob([(await this.rest.bytes('/api/me/export')) as Uint8Array<ArrayBuffer>], { type: 'application/json' });
  }
  /** Deletes the account at the server; `removeAccount` of the client does that, and what is stored here too. */
  remove(request: DeletionRequest): Promise<void> {
    return this.rest.ask('POST', '/api/me/deletion', { json: request });
  }

  async #told(change: Promise<OwnProfile>): Promise<OwnProfile> {
    const profile = await change;
    this.changed(profile);
    return profile;
  }
}

const avatarsKept = 500;
