import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { CONFIG, type Config } from '../../config.ts';
import { Database, type Queryable } from '../../database/database.ts';
import { LEEWAY_S, type HandedOver } from './claims.ts';
import { refused } from './faults.ts';

/** A revocation that is older than any token lives says nothing any more; and servers' clocks may differ by so much in what was used. */
const KEPT_MS = 3_600_000;

/** What was used and what was revoked: in the database, so that it holds after a restart and on every server. */
@Injectable()
export class HandoffUses {
  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Takes a token, once. Known by what it says, never by how it is written: an ECDSA signature has a twin that is as valid.
   * Used up whatever follows. Throws `used`.
   */
  async spend({ issuer, subject, jti, issuedAt, expiresAt }: HandedOver): Promise<void> {
    const identity = this.config.handoff?.jtiRequired
      ? ['jti', issuer, subject, jti, issuedAt]
      : ['exp', issuer, subject, issuedAt, expiresAt];
    const key = createHash('sha256').update(JSON.stringify(identity)).digest();
    const taken = await this.database.run('insert into handoff_use (key, expires_at) values ($1, $2) on conflict (key) do nothing', [
      key,
      Math.ceil((expiresAt + LEEWAY_S) * 1000) + KEPT_MS,
    ]);
    if (taken === 0) throw refused('used');
  }

  /** One at a time for each subject: so a sign-in is either before a revocation, which then ends it, or after, and refused. */
  async alone(inside: Queryable, issuer: string, subject: string): Promise<void> {
    await inside.rows('select pg_advisory_xact_lock(hashtextextended($1, 0))', [JSON.stringify(['handoff', issuer, subject])]);
  }

  async requireStanding(inside: Queryable, { issuer, subject, issuedAt }: HandedOver): Promise<void> {
    const rows = await inside.rows('select 1 from handoff_revocation where issuer = $1 and subject = $2 and before >= $3', [
      issuer,
      subject,
      Math.floor(issuedAt * 1000),
    ]);
    if (rows.length > 0) throw refused('revoked');
  }

  /** Every token of this subject that was issued up to now. */
  async revoke(inside: Queryable, issuer: string, subject: string): Promise<void> {
    await inside.run(
      `insert into handoff_revocation (issuer, subject, before) values ($1, $2, $3)
       on conflict (issuer, subject) do update set before = greatest(handoff_revocation.before, excluded.before)`,
      [issuer, subject, Date.now()],
    );
  }

  async sweep(): Promise<void> {
    await this.database.run('delete from handoff_use where expires_at <= $1', [Date.now()]);
    await this.database.run('delete from handoff_revocation where before < $1', [Date.now() - KEPT_MS]);
  }
}
