import { Inject, Injectable } from '@nestjs/common';
import { generateRegistrationOptions, verifyRegistrationResponse, type RegistrationResponseJSON } from '@simplewebauthn/server';
import { ConclaveError, PasskeyId, uuidToBytes, type Passkey, type PasskeyRequest, type UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { auditAbout } from '../users/audit.ts';
import type { Caller } from '../users/caller.ts';
import { Users } from '../users/users.service.ts';
import { Challenges } from './challenges.service.ts';
import { requireLive } from './own-password.service.ts';
import type { RelyingParty } from './relying-party.ts';

/** Of one account. */
const MOST = 20;
/** EdDSA, ES256, RS256 (COSE): what Node verifies without an experiment. */
const algorithms = [-8, -7, -257];
type Known = { id: string; transports: string[] };
type Credential = Awaited<ReturnType<typeof verified>>;

/** The passkeys of an account (ACC8): discoverable, so that no name need be typed, and used only by who unlocked the authenticator. */
@Injectable()
export class Passkeys {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly challenges: Challenges,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async options(user: UserId, site: RelyingParty): Promise<object> {
    const { username, displayName } = await this.users.byId(user);
    const known = await this.database.rows<Known>('select id, transports from passkey where account = $1', [user]);
    requireRoom(known.length);
    const { challenge } = this.challenges.make('passkey-add', user);
    return generateRegistrationOptions({
      rpName: site.name,
      rpID: site.id,
      userName: username,
      userDisplayName: displayName,
      userID: uuidToBytes(user),
      challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
      attestationType: 'none',
      excludeCredentials: known,
      supportedAlgorithmIDs: algorithms,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      extensions: { prf: {} }, // its secret unlocks what the client stores (ACC16); it never comes here
    });
  }

  async add(caller: Caller, { name, response }: PasskeyRequest, site: RelyingParty): Promise<Passkey> {
    const credential = await verified(response, site, (challenge) => this.challenges.isOurs('passkey-add', caller.user, challenge));
    const now = Date.now();
    try {
      await this.database.transaction((inside) => this.#insert(inside, caller, name, credential, now));
    } catch (error) {
      if (isDuplicate(error)) throw new ConclaveError('conflict', 'this passkey is known already', undefined, 'passkey-known');
      throw error;
    }
    return { id: credential.id, name, createdAt: now, lastUsedAt: null, backedUp: credential.backedUp };
  }

  list(user: UserId): Promise<Passkey[]> {
    return this.database.rows<Passkey>(
      `select id, name, created_at as "createdAt", last_used_at as "lastUsedAt", backed_up as "backedUp" from passkey
       where account = $1 order by created_at, id`,
      [user],
    );
  }

  async rename(user: UserId, id: string, name: string): Promise<void> {
    if ((await this.database.run('update passkey set name = $1 where id = $2 and account = $3', [name, id, user])) === 0) throw missing();
  }

  /**
   * Throws `conflict` when nothing else would open the account: a password, another passkey, or the site it came from, where that still hands over.
   * A device's key does not count, though it is a door (ACC9): only programs sign in by it, and a browser's goes with what the browser stores.
   */
  async remove(user: UserId, id: string): Promise<void> {
    await this.database.transaction(async (inside) => {
      await inside.rows('select 1 from account where id = $1 for no key update', [user]);
      if ((await inside.run('delete from passkey where id = $1 and account = $2', [id, user])) === 0) throw missing();
      const others = await inside.rows(
        `select 1 from account a where id = $1 and (password_hash is not null or (origin = 'handoff' and $2)
           or exists (select 1 from passkey where account = a.id))`,
        [user, this.config.handoff !== null],
      );
      if (others.length === 0)
        throw new ConclaveError('conflict', 'this passkey is the only way into the account: set a password first', undefined, 'last-door');
      await auditAbout(inside, user, 'passkey-removed', user);
    });
  }

  async #insert(inside: Queryable, caller: Caller, name: string, credential: Credential, now: number): Promise<void> {
    const { id, publicKey, counter, transports, backedUp, challenge } = credential;
    const { user } = caller;
    // Two that race wait here for each other, or there would be one too many.
    const [account] = await inside.rows<{ origin: string }>('select origin from account where id = $1 for no key update', [user]);
    await requireLive(inside, caller);
    if (account?.origin === 'guest') throw new ConclaveError('forbidden', 'a guest has no passkeys: ask for an invitation');
    const [row] = await inside.rows<{ count: number }>('select count(*)::int as count from passkey where account = $1', [user]);
    requireRoom(row!.count);
    await inside.run(
      `insert into passkey (id, account, public_key, counter, transports, name, backed_up, created_at) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [id, user, Buffer.from(publicKey), counter, transports, name, backedUp, now],
    );
    await auditAbout(inside, user, 'passkey-added', user);
    await this.challenges.use(inside, 'passkey-add', challenge);
  }
}

/** What the library throws tells of what was sent: the caller learns that it was wrong, never a 500. */
async function verified(response: PasskeyRequest['response'], site: RelyingParty, isOurs: (challenge: string) => boolean) {
  let challenge = '';
  const expectedChallenge = (shown: string) => isOurs((challenge = shown));
  const { registrationInfo } = await verifyRegistrationResponse({
    response: response as unknown as RegistrationResponseJSON,
    expectedChallenge,
    expectedOrigin: site.origins,
    expectedRPID: site.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: algorithms,
  }).catch(() => ({ registrationInfo: undefined }));
  const id = PasskeyId.safeParse(registrationInfo?.credential.id);
  if (!registrationInfo || !id.success)
    throw new ConclaveError('bad-request', 'response: is not what a new passkey answers to this site’s question, or came too late');
  const { credential, credentialBackedUp: backedUp } = registrationInfo;
  const transports = (credential.transports ?? []).filter((name) => /^[a-z-]{1,20}$/.test(name)).slice(0, 8);
  return { id: id.data, publicKey: credential.publicKey, counter: credential.counter, transports, backedUp, challenge };
}

function requireRoom(passkeys: number): void {
  if (passkeys >= MOST)
    throw new ConclaveError('conflict', `an account has at most ${MOST} passkeys: remove one first`, undefined, 'passkeys-full');
}
const missing = () => new ConclaveError('not-found', 'there is no such passkey');
