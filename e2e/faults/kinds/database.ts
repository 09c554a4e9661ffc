import { Client } from 'pg';
import { withDatabase } from '../database.ts';
import type { Fault, Trial } from '../trial.ts';

const otherBackends = `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;

const stopped: Fault = {
  name: 'Postgres stopped at once (immediate)',
  weight: 30,
  async run(trial) {
    const { postgres } = trial.world;
    for (let i = 0; i < 4; i++) {
      await trial.strike(() => postgres.crash());
      await trial.last(0, 600);
      await postgres.startAgain();
    }
  },
};

const terminated: Fault = {
  name: 'database sessions terminated (pg_terminate_backend)',
  weight: 3,
  async run(trial) {
    for (let i = 0; i < 3; i++)
      await withDatabase(trial.world.databaseUrl, async (client) => {
        await trial.strike(() => client.query(otherBackends));
        await trial.last(50, 200);
      });
  },
};

/** Our own sessions take every place there is, and the server's are ended: it finds none when it comes again. */
const exhausted: Fault = {
  name: 'database connections exhausted',
  weight: 2,
  async run(trial) {
    const { databaseUrl } = trial.world;
    const ours: Client[] = [];
    try {
      await trial.strike(() => fill(databaseUrl, ours));
      await ours[0]!.query(`${otherBackends} and not pid = any($1)`, [await pidsOf(ours)]);
      await fill(databaseUrl, ours);
      await trial.last(300, 1_000);
    } finally {
      await Promise.all(ours.map((client) => client.end().catch(() => undefined)));
    }
  },
};

async function fill(connectionString: string, ours: Client[]): Promise<void> {
  for (;;) {
    const client = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined); // its end is told by what it is asked next
    try {
      await client.connect();
    } catch {
      return; // no place is left
    }
    ours.push(client);
  }
}

function pidsOf(clients: Client[]): Promise<number[]> {
  return Promise.all(clients.map(async (client) => (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid));
}

/** Every statement that stores an envelope fails in this way. */
function failing(name: string, state: string, text: string): Fault {
  return {
    name,
    weight: 2,
    run: (trial) =>
      withDatabase(trial.world.databaseUrl, async (client) => {
        await client.query(`create or replace function fault() returns trigger language plpgsql as $$ begin
          raise exception '${text}' using errcode = '${state}'; end $$`);
        await trial.strike(() =>
          client.query('create trigger fault before insert or update on room_log for each row execute function fault()'),
        );
        try {
          await trial.last(300, 1_200);
        } finally {
          await client.query('drop trigger fault on room_log');
        }
      }),
  };
}

const slow: Fault = {
  name: 'slow queries',
  weight: 2,
  async run(trial) {
    const { databaseProxy } = trial.world;
    await trial.strike(() => databaseProxy.set('both', { jitterMs: 300 }));
    await trial.last(800, 1_800);
    databaseProxy.heal();
  },
};

/** The connection breaks while a transaction is under way: nobody can tell whether it was committed. */
const cut: Fault = {
  name: 'database connection cut in the middle',
  weight: 3,
  async run(trial: Trial) {
    const { databaseProxy } = trial.world;
    for (let i = 0; i < 4; i++) {
      await trial.strike(() => trial.last(0, 12).then(() => databaseProxy.reset()));
      await trial.last(20, 200);
    }
  },
};

const silent: Fault = {
  name: 'database does not answer',
  weight: 2,
  async run(trial) {
    const { databaseProxy } = trial.world;
    await trial.strike(() => databaseProxy.set(trial.random.one(['up', 'down', 'both'] as const), { hold: true }));
    await trial.last(500, 2_000);
    databaseProxy.heal();
  },
};

/** A copy of the database, taken while the server is down, takes its place later: all that came between is gone for the server (D11). */
const setBack: Fault = {
  name: 'older backup restored',
  weight: 1,
  async run(trial) {
    const { server, databaseUrl, postgres } = trial.world;
    const name = new URL(databaseUrl).pathname.slice(1);
    const administer = (...statements: string[]) =>
      withDatabase(postgres.url, async (client) => {
        for (const statement of statements) await client.query(statement);
      });
    await server.kill();
    await administer(`create database ${name}_backup with template ${name}`);
    await server.start();
    await trial.last(1_500, 3_000);
    await trial.strike(() => server.kill());
    await administer(`drop database ${name} with (force)`, `alter database ${name}_backup rename to ${name}`);
    await server.start();
  },
};

export const databaseFaults: Fault[] = [
  stopped,
  terminated,
  exhausted,
  failing('disk full (53100)', '53100', 'could not extend file: no space left on device'),
  failing('failing queries', 'XX000', 'a fault was planted here'),
  slow,
  cut,
  silent,
  setBack,
];
