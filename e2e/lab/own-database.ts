import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { TestServer } from '../server.ts';

/* Set up before each file of e2e/core in the lab: every server that a test starts gets a database of its own on LAB_POSTGRES. */
const postgres = process.env['LAB_POSTGRES'];
if (postgres === undefined) throw new Error('LAB_POSTGRES names no server: run this by `npm run test:lab`');

async function freshDatabase(connectionString: string): Promise<string> {
  const name = `core_${randomBytes(8).toString('hex')}`;
  const client = new Client({ connectionString });
  await client.connect();
  try {
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  return url.href;
}

const start = TestServer.start.bind(TestServer);
TestServer.start = async (environment?: Record<string, string>) => start({ DATABASE_URL: await freshDatabase(postgres), ...environment });
