import { Injectable } from '@nestjs/common';
import { generateAuthenticationOptions, verifyAuthenticationResponse, type AuthenticationResponseJSON } from '@simplewebauthn/server';
import {
  ConclaveError,
  PasskeyId,
  toBase64url,
  uuidToBytes,
  type PasskeyLogin as Request,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Users } from '../users/users.service.ts';
import { Challenges } from './challenges.service.ts';
import { Guesses } from './guesses.service.ts';
import type { RelyingParty } from './relying-party.ts';
import { Sessions, type Opened } from './sessions.service.ts';

type Row = { id: string; account: UserId; publicKey: Buffer; counter: number };
type Proof = { counter: number; backedUp: boolean; challenge: string };

/** Signing in without a name and without a password (ACC8). */
@Injectable()
export class PasskeyLogin {
  constructor(
    private readonly database: Database,
    private readonly users: Users,
    private readonly challenges: Challenges,
    private readonly guesses: Guesses,
    private readonly sessions: Sessions,
  ) {}

  options(site: RelyingParty): Promise<object> {
    const { challenge } = this.challenges.make('passkey');
    return generateAuthenticationOptions({
      rpID: site.id,
      challenge: Uint8Array.from(Buffer.from(challenge, 'base64url')),
      userVerification: 'required',
      extensions: { prf: {} },
    });
  }

  async login({ response }: Request, site: RelyingParty, agent: string | undefined): Promise<Opened> {
    const row = await this.#passkey(response['id']);
    const proof = await this.#verified(row, response, site);
    const account = await this.users.byId(row.account);
    const opened = await this.database.transaction(async (inside) => {
      await this.challenges.use(inside, 'passkey', proof.challenge);
      await advance(inside, row.id, proof);
      return this.sessions.open(inside, account, { method: 'passkey', agent });
    });
    await this.guesses.forget(account.username);
    return opened;
  }

  async #passkey(id: unknown): Promise<Row> {
    const known = PasskeyId.safeParse(id);
    const rows = known.success
      ? await this.database.rows<Row>('select id, account, public_key as "publicKey", counter from passkey where id = $1', [known.data])
      : [];
    if (!rows[0]) throw refused();
    return rows[0];
  }

  async #verified({ id, account, publicKey, counter }: Row, response: Request['response'], site: RelyingParty): Promise<Proof> {
    let challenge = '';
    const answer = response as unknown as AuthenticationResponseJSON;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: answer,
      expectedChallenge: (shown) => this.challenges.isOurs('passkey', '', (challenge = shown)),
      expectedOrigin: site.origins,
      expectedRPID: site.id,
      credential: { id, publicKey: Uint8Array.from(publicKey), counter },
      requireUserVerification: true,
    }).catch(() => ({ verified: false, authenticationInfo: null })); // whatever was wrong with what was sent
    const owner = answer.response?.userHandle;
    if (!verified || !authenticationInfo || (owner !== undefined && owner !== toBase64url(uuidToBytes(account)))) throw refused();
    return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp, challenge };
  }
}

/** A counter that does not grow is a copy of the authenticator; one that stays 0 does not count (WebAuthn Level 3, 6.1.1). */
async function advance(inside: Queryable, id: string, { counter, backedUp }: Proof): Promise<void> {
  const advanced = await inside.run(
    `update passkey set counter = $2::bigint, backed_up = $3, last_used_at = $4
     where id = $1 and (counter < $2::bigint or (counter = 0 and $2::bigint = 0))`,
    [id, counter, backedUp, Date.now()],
  );
  if (advanced === 0) throw refused();
}

const refused = () =>
  new ConclaveError(
    'bad-credentials',
    'this passkey opens no account here, or its answer came too late: try again, or another way in',
    undefined,
    'passkey',
  );
