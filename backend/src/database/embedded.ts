import { EventEmitter } from 'node:events';
import { PGlite, type Results } from '@electric-sql/pglite';

/*
 * Postgres inside this process has one session. TypeORM's ordinary driver asks for a pool: this one leases the session to one
 * holder at a time, so a transaction has it alone from its first statement to its last.
 *
 * What was committed survives the death of this process, at whatever moment, but not the loss of power: PGlite never asks the disk to
 * keep anything. An fdatasync of the write-ahead log after each commit would not change that alone, since checkpoints reuse the log
 * before the pages it protects are known to be on the disk. Whoever needs more sets DATABASE_URL to a Postgres of its own.
 */
type QueryResult = { rows: unknown[]; rowCount: number; command: string };
type Callback = (error: Error | null, result?: QueryResult) => void;
type Release = (error?: Error) => void;

/** What TypeORM expects of `require('pg')`, over one embedded database. */
export function embeddedDriver(database: PGlite): { Pool: new () => LeasePool } {
  return {
    Pool: class extends LeasePool {
      constructor() {
        super(database);
      }
    },
  };
}

export async function openEmbedded(dir: string): Promise<PGlite> {
  return PGlite.create({
    dataDir: dir,
    // As the pg driver is told to answer: int8 as number, bytea as Buffer.
    parsers: { 20: Number, 17: (text: string) => Buffer.from(text.slice(2), 'hex') },
    postgresqlconf: ['shared_buffers = 16MB'],
  });
}

class LeasePool extends EventEmitter {
  readonly #client: LeasedClient;
  #waiting: (() => void)[] = [];
  #leased = false;

  constructor(database: PGlite) {
    super();
    this.#client = new LeasedClient(database);
  }

  connect(callback: (error: Error | null, client: LeasedClient, release: Release) => void): void {
    const lease = () => {
      let released = false;
      callback(null, this.#client, () => {
        if (released) return;
        released = true;
        this.#next();
      });
    };
    if (this.#leased) this.#waiting.push(lease);
    else {
      this.#leased = true;
      lease();
    }
  }

  end(callback: (error?: Error) => void): void {
    callback();
  }

  #next(): void {
    const lease = this.#waiting.shift();
    if (lease) queueMicrotask(lease);
    else this.#leased = false;
  }
}

class LeasedClient extends EventEmitter {
  readonly #database: PGlite;
  constructor(database: PGlite) {
    super();
    this.#database = database;
  }

  query(text: string, params?: unknown[] | Callback, callback?: Callback): Promise<QueryResult> | undefined {
    const done = typeof params === 'function' ? params : callback;
    const running = this.#run(text, Array.isArray(params) ? params : []);
    if (!done) return running;
    void answer(running, done);
    return undefined;
  }

  async #run(text: string, params: unknown[]): Promise<QueryResult> {
    const results: Results<Record<string, unknown>> | undefined =
      params.length > 0 ? await this.#database.query(text, params) : (await this.#database.exec(text)).at(-1);
    return {
      rows: results?.rows ?? [],
      rowCount: results?.rowCount ?? results?.affectedRows ?? results?.rows.length ?? 0,
      command: results?.command ?? text.trimStart().split(/\s/, 1)[0]!.toUpperCase(),
    };
  }
}

async function answer(running: Promise<QueryResult>, done: Callback): Promise<void> {
  let result: QueryResult;
  try {
    result = await running;
  } catch (error) {
    return done(error as Error);
  }
  done(null, result);
}
