import { Inject, Injectable } from '@nestjs/common';
import { ConclaveError, type Backup, type BackupRequest, type UserId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Budgets } from '../presence/budgets.ts';

type Row = Omit<Backup, 'snapshot' | 'maxBytes'> & { snapshot: string | null; parts: number | null; snapshotAt: number | null };

/** Sealed backups (E2E10). Everybody reaches their own only; what is in them only the phrase opens, which never comes here. */
@Injectable()
export class Backups {
  /** A whole snapshot at once, then a part every ten seconds; and a hundred questions at once. */
  readonly #parts: Budgets;
  readonly #questions = new Budgets(0.5, 100);

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Pick<Config, 'backupMaxBytes'>,
  ) {
    this.#parts = new Budgets(0.1, 200 + Math.ceil(config.backupMaxBytes / 2 ** 18));
  }

  /** Throws `not-found` where there is none. */
  async of(user: UserId): Promise<Backup> {
    this.#spend(this.#questions, user);
    return this.#read(this.database, user);
  }

  /** Sets the backup up, or names its newest snapshot; whatever else there was is dropped. Throws `conflict` when parts are missing. */
  async put(user: UserId, { phrase, keys, snapshot }: BackupRequest): Promise<Backup> {
    this.#spend(this.#questions, user);
    const now = Date.now();
    return this.database.transaction(async (inside) => {
      await inside.rows('select id from account where id = $1 for no key update', [user]);
      await inside.run('delete from backup where account = $1 and phrase <> $2', [user, phrase]);
      await inside.run(
        `insert into backup (account, phrase, keys, made_at) values ($1, $2, $3, $4)
         on conflict (account) do update set keys = excluded.keys`,
        [user, phrase, keys, now],
      );
      if (snapshot) await this.#complete(inside, user, snapshot, now);
      return this.#read(inside, user);
    });
  }

  /** One part of a snapshot that PUT will name. One is begun at a time: parts of another one that was never named are dropped. */
  async putPart(user: UserId, snapshot: string, n: number, bytes: Uint8Array): Promise<void> {
    this.#spend(this.#parts, user);
    await this.database.transaction(async (inside) => {
      const [backup] = await inside.rows<{ snapshot: string | null }>('select snapshot from backup where account = $1 for update', [user]);
      if (!backup) throw new ConclaveError('not-found', 'there is no backup: set one up first');
      if (backup.snapshot === snapshot) throw new ConclaveError('conflict', 'this snapshot is complete: begin another one');
      await inside.run('delete from backup_part where account = $1 and snapshot <> $2 and snapshot is distinct from $3', [
        user,
        snapshot,
        backup.snapshot,
      ]);
      const [{ taken }] = (await inside.rows<{ taken: number }>(
        'select coalesce(sum(length(bytes)), 0)::float8 as taken from backup_part where account = $1 and snapshot = $2 and n <> $3',
        [user, snapshot, n],
      )) as [{ taken: number }];
      if (taken + bytes.length > this.config.backupMaxBytes)
        throw new ConclaveError('too-large', `a backup has at most ${this.config.backupMaxBytes} bytes here`);
      await inside.run(
        `insert into backup_part (account, snapshot, n, bytes) values ($1, $2, $3, $4)
         on conflict (account, snapshot, n) do update set bytes = excluded.bytes`,
        [user, snapshot, n, bytes],
      );
    });
  }

  async part(user: UserId, snapshot: string, n: number): Promise<Uint8Array> {
    this.#spend(this.#parts, user);
    const [row] = await this.database.rows<{ bytes: Uint8Array }>(
      `select bytes from backup_part join backup using (account)
       where backup_part.account = $1 and backup_part.snapshot = $2 and n = $3 and backup.snapshot = backup_part.snapshot`,
      [user, snapshot, n],
    );
    if (!row) throw new ConclaveError('not-found', 'there is no such part');
    return row.bytes;
  }

  async drop(user: UserId): Promise<void> {
    await this.database.run('delete from backup where account = $1', [user]);
  }

  async #complete(inside: Queryable, user: UserId, { id, parts }: { id: string; parts: number }, now: number): Promise<void> {
    const [{ count }] = (await inside.rows<{ count: number }>(
      'select count(*)::int as count from backup_part where account = $1 and snapshot = $2 and n < $3',
      [user, id, parts],
    )) as [{ count: number }];
    if (count < parts) throw new ConclaveError('conflict', `of this snapshot ${parts - count} parts are missing`);
    await inside.run('delete from backup_part where account = $1 and (snapshot <> $2 or n >= $3)', [user, id, parts]);
    await inside.run(`update backup set snapshot = $2, parts = $3, snapshot_at = $4 where account = $1 and snapshot is distinct from $2`, [
      user,
      id,
      parts,
      now,
    ]);
  }

  async #read(from: Queryable, user: UserId): Promise<Backup> {
    const [row] = await from.rows<Row & { bytes: number }>(
      `select phrase, keys, made_at as "madeAt", snapshot, parts, snapshot_at as "snapshotAt",
         (select coalesce(sum(length(bytes)), 0)::float8 from backup_part p where p.account = b.account and p.snapshot = b.snapshot) as bytes
       from backup b where account = $1`,
      [user],
    );
    if (!row) throw new ConclaveError('not-found', 'this account has no backup');
    const { phrase, keys, madeAt, snapshot: id, parts, snapshotAt, bytes } = row;
    const snapshot = id === null ? null : { id, parts: parts!, bytes, madeAt: snapshotAt! };
    return { phrase, keys, madeAt, snapshot, maxBytes: this.config.backupMaxBytes };
  }

  #spend(budget: Budgets, user: UserId): void {
    const wait = budget.take(user);
    if (wait > 0) throw new ConclaveError('slow-down', 'too much of your backup was moved just now: go on in a moment', wait);
  }
}
