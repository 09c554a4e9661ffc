import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditHeadStatement, fromBase64url, verifyEd25519, type AuditLine } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { World, type Person } from '../testing/world.ts';
import { audit, auditAbout } from '../users/audit.ts';

let world: World;
let ann: Person;
let bob: Person;

beforeAll(async () => {
  world = await World.open();
  ann = await world.first('ann');
  bob = await world.person('bob');
});
afterAll(() => world.close());

const database = () => world.server.app.get(Database);
const read = async (query = '') => (await world.call('GET', `/api/admin/audit${query}`, undefined, ann.token)).body;
const check = async () => (await world.call('GET', '/api/admin/audit/check', undefined, ann.token)).body;
const exported = async () => {
  const { body, headers } = await world.call('GET', '/api/admin/audit/export', undefined, ann.token);
  expect(headers.get('content-type')).toContain('application/x-ndjson');
  return new TextDecoder()
    .decode(body as Uint8Array)
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

/** As somebody could who runs the database: past the triggers. */
async function tamper(sql: string): Promise<void> {
  await database().transaction(async (inside) => {
    for (const trigger of ['audit_append_only', 'audit_chained']) await inside.run(`alter table audit disable trigger ${trigger}`);
    await inside.run(sql);
    for (const trigger of ['audit_append_only', 'audit_chained']) await inside.run(`alter table audit enable trigger ${trigger}`);
  });
}

describe('the audit log', () => {
  it('is read newest first, page by page, by act and by name; whose account is gone has no name', async () => {
    const carl = await world.person('carl');
    await world.call('POST', `/api/admin/accounts/${carl.id}/lock`, { reason: '' }, ann.token);
    await world.call('DELETE', `/api/admin/accounts/${carl.id}`, undefined, ann.token);
    await world.call('PATCH', `/api/admin/accounts/${bob.id}`, { role: 'moderator' }, ann.token);
    const { lines, total, acts, next } = await read();
    expect([lines.length, next]).toEqual([total, null]);
    expect(lines[0]).toMatchObject({ act: 'role-changed', actorName: 'ann', subjectName: 'bob' });
    expect(lines.filter(({ act }: AuditLine) => act === 'account-deleted')[0]).toMatchObject({ actorName: 'ann', subjectName: null });
    expect(acts).toEqual([...new Set((lines as AuditLine[]).map(({ act }) => act))].sort());
    const { next: after } = await read('?limit=2');
    expect((await read(`?limit=200&cursor=${after}`)).lines).toEqual(lines.slice(2));
    expect((await read('?act=role-changed')).lines).toEqual([lines[0]]);
    expect((await read('?q=BOB')).lines.map(({ subjectName }: AuditLine) => subjectName)).toEqual(['bob']);
    expect((await read('?q=%25')).lines).toEqual([]);
    expect((await read('?q=ann')).total).toBe(
      lines.filter(({ actorName, subjectName }: AuditLine) => [actorName, subjectName].includes('ann')).length,
    );
    for (const bad of ['?cursor=x', '?cursor=-1', '?q=%00', '?limit=0', '?limit=201', '?act=' + 'x'.repeat(41)])
      expect((await world.call('GET', `/api/admin/audit${bad}`, undefined, ann.token)).status).toBe(400);
  });

  it('is whole after acts that race, each row over the one before', async () => {
    const before = await check();
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        database().transaction(async (inside) => {
          if (i % 3 === 0) await audit(inside, ann.id, 'invite-made', `made ${i} 统一\u001f"\\`, { n: i, text: 'é "quoted" \u001f' });
          else await auditAbout(inside, i % 3 === 1 ? bob.id : null, 'account-changed', ann.id, { deep: 1e21, b: false, a: null });
        }),
      ),
    );
    expect(await check()).toEqual({ rows: before.rows + 60, head: expect.any(String), brokenAt: null });
    expect((await check()).head).not.toBe(before.head);
  });

  it('is exported whole, with its head signed by the server', async () => {
    const lines = await exported();
    const { rows, head, at, signature } = lines.pop() as { rows: number; head: string; at: number; signature: string };
    expect([lines.length, rows, head]).toEqual([rows, (await check()).rows, lines.at(-1)!['hash']]);
    const serverKey = fromBase64url((await world.call('GET', '/api/config')).body.serverKey);
    const holds = (said: { rows: number; head: string; at: number }) =>
      verifyEd25519(serverKey, fromBase64url(signature), auditHeadStatement(said));
    expect([await holds({ rows, head, at }), await holds({ rows: rows - 1, head, at }), await holds({ rows, head: 'x', at })]).toEqual([
      true,
      false,
      false,
    ]);
    for (const [i, line] of lines.entries()) expect([i, line['prev']]).toEqual([i, i === 0 ? '' : lines[i - 1]?.['hash']]);
  });

  it('takes no change by the server’s own hand', async () => {
    for (const sql of [`update audit set act = 'setup'`, 'delete from audit'])
      await expect(database().run(sql)).rejects.toThrow('append-only');
    await database().run(`insert into audit (id, at, act, subject, prev, hash) values (1, 1, 'setup', 'x', '\\x00', '\\x00')`);
    expect((await check()).brokenAt).toBeNull(); // number, place and hash are not the writer's to choose
  });

  const columns = 'at, actor, act, subject, detail, prev, hash';
  const tricks: [string, string, number][] = [
    ['changed in its act', `update audit set act = 'setup' where id = 20`, 20],
    ['changed in its subject', `update audit set subject = subject || ' ' where id = 20`, 20],
    ['changed in its moment', `update audit set at = at + 1 where id = 20`, 20],
    ['changed in its actor', `update audit set actor = null where id = (select min(id) from audit where actor is not null and id > 19)`, 0],
    ['changed in its detail', `update audit set detail = '{"n": 0}' where id = 20`, 20],
    ['changed with a hash to match', `update audit set act = 'setup', hash = sha256(prev || 'x') where id = 20`, 20],
    ['taken out', `delete from audit where id = 20`, 21],
    ['taken out at the beginning', `delete from audit where id = (select min(id) from audit)`, 0],
    [
      'put in',
      `update audit set id = -id where id > 20;
       insert into audit (id, ${columns}) select 21, ${columns} from audit where id = 20;
       update audit set id = 1 - id where id < 0`,
      21,
    ],
    [
      'moved',
      `update audit set id = case id when 20 then -21 else -20 end where id in (20, 21); update audit set id = -id where id < 0`,
      20,
    ],
  ];
  it.each(tricks)('shows a row that was %s', async (_, sql, at) => {
    const { rows } = await check();
    await database().run('create table kept as select * from audit');
    try {
      for (const one of sql.split(';')) await tamper(one);
      const { brokenAt } = await check();
      if (at > 0) expect(brokenAt).toBe(at);
      else expect(brokenAt).not.toBeNull();
    } finally {
      await tamper('delete from audit');
      await tamper('insert into audit select * from kept');
      await database().run('drop table kept');
    }
    expect(await check()).toMatchObject({ rows, brokenAt: null });
  });
});
