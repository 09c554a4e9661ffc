import { Injectable } from '@nestjs/common';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import {
  ConclaveError,
  type ApiScope,
  type ApiToken,
  type ApiTokenRequest,
  type NewApiToken,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { audit } from './audit.ts';
import { HOST_TOKEN, type Caller } from './caller.ts';

/** Tells an API token from an access token, and a leaked one from any other line of text. */
export const TOKEN_PREFIX = 'cnv_';
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const PRESET_DAYS = 90;
const columns = `id, name, scopes, created_by as "createdBy", created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt"`;

/** What programs show instead of a session (ACC14). Only the hash is kept; 32 random bytes need no slow one. */
@Injectable()
export class ApiTokens {
  #host: { hash: string; scopes: readonly ApiScope[] } | null = null;

  constructor(private readonly database: Database) {}

  /** Whose token this is. It holds only while its maker is an administrator who is not locked. */
  async caller(secret: string): Promise<Caller> {
    const hash = sha256(secret);
    if (this.#host && hash.toString('hex') === this.#host.hash) return by(HOST, HOST_TOKEN, this.#host.scopes);
    const now = Date.now();
    const [row] = await this.database.rows<{ id: string; scopes: ApiScope[]; user: UserId; lastUsedAt: number | null }>(
      `select t.id, t.scopes, a.id as "user", t.last_used_at as "lastUsedAt" from api_token t join account a on a.id = t.created_by
       where t.hash = $1 and t.expires_at > $2 and a.role = 'admin' and a.locked_at is null`,
      [hash, now],
    );
    if (!row) throw new ConclaveError('unauthenticated', 'this API token is unknown, was revoked, or has expired: make another');
    if (now - (row.lastUsedAt ?? 0) > MINUTE_MS)
      await this.database.run('update api_token set last_used_at = $1 where id = $2', [now, row.id]);
    return by(row.user, row.id, row.scopes);
  }

  async make(admin: UserId, { name, scopes, days = PRESET_DAYS }: ApiTokenRequest): Promise<NewApiToken> {
    const secret = makeSecret();
    const now = Date.now();
    const token = {
      id: randomUUID(),
      name,
      scopes: [...new Set(scopes)],
      createdBy: admin,
      createdAt: now,
      expiresAt: now + days * DAY_MS,
    };
    await this.database.transaction(async (inside) => {
      await inside.run(
        'insert into api_token (id, hash, name, scopes, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7)',
        [token.id, sha256(secret), name, token.scopes, admin, now, token.expiresAt],
      );
      await audit(inside, admin, 'token-made', token.id);
    });
    return { ...token, lastUsedAt: null, secret };
  }

  list(): Promise<ApiToken[]> {
    return this.database.rows<ApiToken>(`select ${columns} from api_token where expires_at > $1 order by created_at, id limit 1000`, [
      Date.now(),
    ]);
  }

  async revoke(admin: UserId, id: string): Promise<void> {
    await this.database.transaction(async (inside) => {
      if ((await inside.run('delete from api_token where id = $1', [id])) === 0)
        throw new ConclaveError('not-found', 'there is no such token');
      await audit(inside, admin, 'token-revoked', id);
    });
  }

  /** A demoted or locked administrator's tokens do not come back with the role. */
  async revokeAllOf(inside: Queryable, admin: UserId): Promise<void> {
    await inside.run('delete from api_token where created_by = $1', [admin]);
  }

  /** The token of whoever may read this server's own files (ACC15): in memory only, gone with the process. Its acts have no account for an actor. */
  makeHostToken(): string {
    const secret = makeSecret();
    this.#host = { hash: sha256(secret).toString('hex'), scopes: ['accounts:read', 'accounts:write'] };
    return secret;
  }

  async sweep(): Promise<void> {
    await this.database.run('delete from api_token where expires_at <= $1', [Date.now()]);
  }
}

/** No account has this id, so the audit log says that nobody did it: the host. */
const HOST: UserId = '00000000-0000-0000-0000-000000000000';
const by = (user: UserId, id: string, scopes: readonly ApiScope[]): Caller => ({
  user,
  session: '',
  role: 'user',
  device: null,
  token: { id, scopes },
});
const makeSecret = () => TOKEN_PREFIX + randomBytes(32).toString('base64url');
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
