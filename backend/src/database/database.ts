import type { OnApplicationShutdown } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { DataSource, type EntityManager, type MixedList } from 'typeorm';
import type { Config } from '../config.ts';
import { embeddedDriver, openEmbedded } from './embedded.ts';
import { lockDirectory } from './lock.ts';
import { Foundation1763700000000 } from './migrations/1763700000000-foundation.ts';

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- TypeORM's own name for a list of classes
const migrations: MixedList<Function | string> = [Foundation1763700000000];

/** What a query may run on: the database itself, or the one transaction it is part of. */
export interface Queryable {
  /** Rows of a SELECT or of RETURNING. */
  rows<T>(sql: string, params?: unknown[]): Promise<T[]>;
  /** Number of rows that an INSERT, UPDATE or DELETE touched. */
  run(sql: string, params?: unknown[]): Promise<number>;
}

/** Inside a transaction use only what the callback is given: the embedded database has one session, anything else waits for itself. */
export class Database implements Queryable, OnApplicationShutdown {
  #source!: DataSource;
  #embedded: PGlite | undefined;
  #unlock: (() => void) | undefined;
  /** Changes when the database is another one, or an older backup of it (delivery.md D11). */
  incarnation = '';
  readonly #config: Config;

  constructor(config: Config) {
    this.#config = config;
  }

  async open(): Promise<void> {
    this.#source = new DataSource(await this.#options());
    await this.#source.initialize();
    await this.#source.runMigrations({ transaction: 'each' });
    await this.run(`insert into meta (key, value) values ('incarnation', $1) on conflict (key) do nothing`, [randomUUID()]);
    this.incarnation = (await this.rows<{ value: string }>(`select value from meta where key = 'incarnation'`))[0]!.value;
  }

  rows<T>(sql: string, params: unknown[] = []): Promise<T[]> {
    return over(this.#source.manager).rows<T>(sql, params);
  }

  run(sql: string, params: unknown[] = []): Promise<number> {
    return over(this.#source.manager).run(sql, params);
  }

  transaction<T>(work: (inside: Queryable) => Promise<T>): Promise<T> {
    return this.#source.transaction((manager) => work(over(manager)));
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.#source?.isInitialized) await this.#source.destroy();
    if (this.#embedded && !this.#embedded.closed) await this.#embedded.close();
    this.#unlock?.();
  }

  async #options(): Promise<ConstructorParameters<typeof DataSource>[0]> {
    const common = { type: 'postgres', migrations, synchronize: false, logging: false, parseInt8: true, installExtensions: false } as const;
    const url = this.#config.databaseUrl;
    if (url !== undefined) return { ...common, url, poolSize: 10, connectTimeoutMS: 10_000 };
    this.#unlock = lockDirectory(this.#config.dataDir);
    const dir = join(this.#config.dataDir, 'postgres');
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    this.#embedded = await openEmbedded(dir);
    return { ...common, driver: embeddedDriver(this.#embedded) };
  }
}

function over(manager: EntityManager): Queryable {
  const query = async (sql: string, params: unknown[] = []) => {
    const runner = manager.queryRunner ?? manager.connection.createQueryRunner();
    try {
      return await runner.query(sql, params, true);
    } finally {
      if (!manager.queryRunner) await runner.release();
    }
  };
  return {
    rows: async <T>(sql: string, params?: unknown[]) => (await query(sql, params)).records as T[],
    run: async (sql, params) => (await query(sql, params)).affected ?? 0,
  };
}

/** True when the database refused a second row with the same unique key. */
export function isDuplicate(error: unknown): boolean {
  return (error as { driverError?: { code?: string } } | null)?.driverError?.code === '23505';
}
