import {
  decodeInvitation,
  fromBase64url,
  KeyPackageLease,
  toBase64url,
  type DeviceId,
  type GroupStatus,
  type Invitation,
  type UserId,
} from '../../../protocol/src/index.ts';
import { SealError, type Owner, type Roster } from '../sealing/sealer.ts';
import type { RoomContext } from './context.ts';
import { isInvited } from './invitation-key.ts';

/** Devices asked for in one claim of key packages. */
const atOnce = 64;

/** Whom a person let in: the account key that knocked, so that the server cannot send another in their name. */
type LetIn = { [user: UserId]: string };

export type DoorkeeperHooks = {
  /** Others wait for a person's word than before. */
  knocked: () => void;
  /** A moderator has put them out, and their leaf is still there: that is no coming back. */
  shunned: (user: UserId) => boolean;
};

/**
 * Whom of those who wait this device adds (e2ee.md "Who may come in"): by the group's own id, key packages and members' signatures. That the
 * server calls somebody a member opens only what is open, or has a password that they must know.
 */
export class Doorkeeper {
  #knocking = new Map<DeviceId, Owner>();
  #letIn: LetIn = {};

  constructor(
    private readonly ctx: RoomContext,
    private readonly hooks: DoorkeeperHooks,
  ) {}

  /** People whom a member has to let in by hand. */
  get knocking(): UserId[] {
    const waiting = [...this.#knocking.values()].filter(({ user, accountKey }) => this.#letIn[user] !== toBase64url(accountKey));
    return [...new Set(waiting.map(({ user }) => user))];
  }

  /** Whom this person has let in. */
  get welcomed(): UserId[] {
    return Object.keys(this.#letIn);
  }

  async load(): Promise<void> {
    this.#letIn = (await this.ctx.store.get<LetIn>('meta', this.#key)) ?? {};
  }

  /** By the key they knock with now; nothing happens when they do not. */
  async letIn(user: UserId): Promise<void> {
    const owner = [...this.#knocking.values()].find((one) => one.user === user);
    if (!owner) return;
    await this.#keep({ ...this.#letIn, [user]: toBase64url(owner.accountKey) });
  }

  /** They are gone: whoever lets them in again does so anew. */
  async gone(users: UserId[]): Promise<void> {
    const left = Object.entries(this.#letIn).filter(([user]) => !users.includes(user));
    if (left.length < Object.keys(this.#letIn).length) await this.#keep(Object.fromEntries(left));
  }

  async forget(): Promise<void> {
    this.#knocking.clear();
    await this.#keep(null);
  }

  /** Key packages of those whom this device adds now. */
  async packagesFor({ adding, invited }: GroupStatus, roster: Roster): Promise<Uint8Array[]> {
    const devices = adding.slice(0, atOnce);
    const invitations = new Map(invited.map(({ device, invitation }) => [device, invitation]));
    const asked = devices.filter((device) => !this.#keepsOut(device, invitations.has(device)));
    const found = await this.#claim(asked);
    const packages: Uint8Array[] = [];
    const still = new Map([...this.#knocking].filter(([device]) => devices.includes(device) && !asked.includes(device)));
    for (const { owner, keyPackage } of found) {
      if (await this.#mayEnter(owner, roster, read(invitations.get(owner.device)))) packages.push(keyPackage);
      else if (roster.entry.by === 'closed') still.set(owner.device, owner);
    }
    this.#saw(still);
    return packages;
  }

  /** Known to knock, and nothing has changed since: no key package is taken for it again. */
  #keepsOut(device: DeviceId, invited: boolean): boolean {
    const owner = this.#knocking.get(device);
    return owner !== undefined && !invited && this.#letIn[owner.user] !== toBase64url(owner.accountKey);
  }

  #saw(knocking: Map<DeviceId, Owner>): void {
    const before = this.knocking.join();
    this.#knocking = knocking;
    if (this.knocking.join() !== before) this.hooks.knocked();
  }

  /** What is in a key package counts, not for whom the server hands it out. */
  async #claim(devices: DeviceId[]): Promise<{ owner: Owner; keyPackage: Uint8Array }[]> {
    if (devices.length === 0) return [];
    const { rest, room, sealer } = this.ctx;
    const lease = await rest.as('POST', `/api/rooms/${room}/key-packages`, KeyPackageLease, { json: { devices } });
    const found: { owner: Owner; keyPackage: Uint8Array }[] = [];
    for (const keyPackage of lease.packages.map((one) => fromBase64url(one.keyPackage))) {
      const owner = await sealer.ownerOf(keyPackage).catch(refused);
      if (owner && devices.includes(owner.device)) found.push({ owner, keyPackage });
    }
    return found;
  }

  async #mayEnter(owner: Owner, { entry, leaves }: Roster, invitation: Invitation | null): Promise<boolean> {
    if (this.hooks.shunned(owner.user)) return false;
    if (entry.by === 'open' || entry.by === 'password') return true;
    if (entry.by === 'direct') return entry.users.includes(owner.user);
    const account = toBase64url(owner.accountKey);
    const isHere = leaves.some(({ user, accountKey }) => user === owner.user && toBase64url(accountKey) === account);
    if (isHere || this.#letIn[owner.user] === account) return true; // another device of somebody who is in, or one that comes back
    const to = { room: this.ctx.room, accountKey: owner.accountKey, leaves, now: this.ctx.clock.now() };
    return invitation !== null && isInvited(invitation, to);
  }

  async #keep(letIn: LetIn | null): Promise<void> {
    await this.ctx.store.write([{ table: 'meta', key: this.#key, value: letIn ?? undefined }]);
    this.#letIn = letIn ?? {};
  }

  get #key(): string {
    return `let-in/${this.ctx.room}`;
  }
}

function read(invitation: string | undefined): Invitation | null {
  try {
    return invitation === undefined ? null : decodeInvitation(fromBase64url(invitation));
  } catch {
    return null; // the server handed out what is no invitation
  }
}

function refused(error: unknown): null {
  if (error instanceof SealError && error.code === 'invalid-commit') return null;
  throw error;
}
