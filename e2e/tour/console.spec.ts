import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import { Person } from '../person.ts';
import { TestServer } from '../server.ts';

/* A house of 1,000 people, 200 rooms and 10,000 rows in the audit log (MOD4): what its moderators see becomes docs/images. */
const IMAGES = join(import.meta.dirname, '../../docs/images');
const LARGEST = 220 * 1024;
const HOUSE = { people: 1_000, rooms: 200, rows: 10_000 };
const first = ['Ada', 'Bram', 'Chloé', 'Deniz', 'Elif', 'Femi', 'Goro', 'Hana', 'Ines', 'Jonas'];
const last = ['Abe', 'Berg', 'Costa', 'Diallo', 'Eriksen', 'Fischer', 'Gupta', 'Haddad', 'Ivanova', 'Jansen'];

const desktop = { width: 1280, height: 780 };
const phone = { width: 390, height: 780 };

type Call = (method: string, path: string, body?: object) => Promise<{ id?: string }>;

/** Accounts without a password, so that nothing is hashed; then acts until the log is as long as it should be. */
async function fill(call: Call): Promise<void> {
  const ids: string[] = [];
  for (let i = 0; i < HOUSE.people - 3; i++) {
    const name = `${first[i % 10]} ${last[Math.floor(i / 10) % 10]}`;
    const { id } = await call('POST', '/api/admin/accounts', { username: `person.${i}`, displayName: i < 100 ? name : `${name} ${i}` });
    ids.push(id!);
  }
  for (let rows = HOUSE.people; rows < HOUSE.rows; rows += 2) {
    const path = `/api/admin/accounts/${ids[rows % ids.length]!}`;
    await call('POST', `${path}/lock`, { reason: 'Left the company' });
    await call('POST', `${path}/unlock`);
  }
}

base('what a moderator of a full house sees', async ({ browser }) => {
  base.setTimeout(600_000);
  mkdirSync(IMAGES, { recursive: true });
  const folder = mkdtempSync(join(tmpdir(), 'conclave-house-'));
  const rooms = Array.from({ length: 99 }, (_, i) => ({
    name: `Room ${i + 1}`,
    topic: i % 3 ? '' : 'What the third floor is about',
  }));
  writeFileSync(join(folder, 'rooms.json'), JSON.stringify(rooms));
  const server = await TestServer.start({ ROOMS_FILE: join(folder, 'rooms.json') });
  const [ann, bob, carl] = ['ann', 'bob', 'carl'].map((name) => new Person(browser, server, name)) as [Person, Person, Person];
  await ann.setUp('Garden House');
  const token = async () => (await ann.token()).accessToken;
  let authorization = `Bearer ${await token()}`;
  const call: Call = async (method, path, body) => {
    const send = () =>
      fetch(server.origin + path, {
        method,
        headers: { authorization, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    let answer = await send();
    if (answer.status === 401) {
      authorization = `Bearer ${await token()}`;
      answer = await send();
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.status === 204 ? {} : ((await answer.json()) as { id?: string });
  };
  const { secret } = (await call('POST', '/api/invites', { uses: 5 })) as { secret: string };
  for (const person of [bob, carl]) await person.register(secret);
  for (let i = 100; i < HOUSE.rooms; i++) await call('PUT', `/api/rooms/by-slug/room-${i}`, { name: `Room ${i}`, membersOnly: false });
  await fill(call);

  await ann.enter('Garden House');
  for (const person of [bob, carl]) await person.join('Garden House');
  for (const person of [ann, bob, carl]) await person.allDirect(3);
  await carl.say('Nobody here is worth a reply, least of all you.');
  await bob.sees('least of all you');
  await bob.message('least of all you').hover();
  await bob.message('least of all you').getByTestId('report-message').click();
  await bob.by('report-reason').selectOption('abuse');
  await bob.by('report-note').fill('The third time this week.');
  await bob.by('send-report').click();
  await expect(bob.page.getByText('with the moderators')).toBeVisible();

  const take = async (name: string, path: string, ready: string, size = desktop, scheme: 'light' | 'dark' = 'light') => {
    await ann.page.setViewportSize(size);
    await ann.page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await ann.page.goto(server.origin + path);
    await expect(ann.by(ready).first()).toBeVisible();
    await ann.page.waitForTimeout(800); // the layout settles
    const file = join(IMAGES, `${name}.png`);
    await ann.page.screenshot({ path: file, animations: 'disabled', caret: 'hide' });
    expect(statSync(file).size).toBeLessThan(LARGEST);
  };
  await take('console-people', '/console/people', 'account-line');
  await expect(ann.page.getByText('1000 accounts')).toBeVisible();
  await ann.by('search-people').getByRole('searchbox').fill('haddad 87');
  await expect(ann.by('account-line')).toHaveCount(10); // searched on the server: 870 to 879 are called Haddad
  await take('console-rooms-phone', '/console/rooms', 'console-room', phone, 'dark');
  await expect(ann.page.getByText('200 rooms')).toBeVisible();
  await take('console-audit', '/console/audit', 'audit-line', desktop, 'dark');
  await ann.by('check-audit').click();
  await expect(ann.by('audit-verdict')).toContainText('Whole');
  await take('console-overview', '/console/overview', 'figures');
  await take('console-overview-phone', '/console/overview', 'figures', phone);
  await take('console-reports', '/console/reports', 'report-line');
  await ann.by('report-line').click();
  await expect(ann.by('evidence')).toContainText('least of all you');
  const address = new URL(ann.page.url()).pathname;
  await take('console-report', address, 'evidence');
  await take('console-report-phone', address, 'evidence', phone, 'dark');
  for (const person of [ann, bob, carl]) await person.leave();
  await server.stop();
  rmSync(folder, { recursive: true });
});
