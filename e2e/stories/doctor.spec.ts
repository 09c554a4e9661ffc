import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';
import { createSocket } from 'node:dgram';
import { Person } from '../person.ts';
import { TestServer } from '../server.ts';
import { test } from '../world.ts';

/** A UDP port that nobody uses just now. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

const check = (person: Person, name: string) => person.page.locator(`[data-testid=check][data-check=${name}]`);

test('the doctor finds the server’s own STUN, and says what the site lacks (MESH5, MESH8)', async ({ browser }) => {
  const port = await freeUdpPort();
  const own = { STUN: 'on', STUN_HOST: '127.0.0.1', STUN_PORT: String(port), STUN_URLS: `stun:127.0.0.1:${port}` };
  const server = await TestServer.start(own);
  const ann = new Person(browser, server, 'ann');
  await ann.setUp('Lobby');
  await ann.page.goto(`${server.origin}/about`);
  await ann.page.getByRole('link', { name: 'The connection doctor' }).click();
  await expect(ann.by('verdict')).toBeVisible({ timeout: 60_000 });
  for (const name of ['server', 'socket', 'webrtc', 'stun', 'udp']) await expect(check(ann, name)).toHaveAttribute('data-state', 'ok');
  await expect(check(ann, 'turn-udp')).toHaveAttribute('data-state', 'none');
  await expect(check(ann, 'turn-udp')).toContainText('The operator of this site can mend it');
  expect((await new AxeBuilder({ page: ann.page }).analyze()).violations).toEqual([]);
  await ann.leave();
  await server.stop();
});

test('the doctor says that the server is away, and that nothing answers where STUN should be (MESH8)', async ({ browser }) => {
  const server = await TestServer.start({ STUN_URLS: `stun:127.0.0.1:${await freeUdpPort()}` });
  const ann = new Person(browser, server, 'ann');
  await ann.setUp('Lobby');
  await ann.by('account-menu').click();
  await ann.page.getByRole('menuitem', { name: 'Connection doctor' }).click();
  await expect(ann.by('verdict')).toBeVisible({ timeout: 60_000 });
  await expect(check(ann, 'stun')).toHaveAttribute('data-state', 'failed');
  await expect(check(ann, 'stun')).toContainText('The administrator of your network can mend it');
  await server.kill();
  await ann.page.getByRole('button', { name: 'Examine again' }).click();
  await expect(ann.by('verdict')).toContainText('cannot be reached', { timeout: 60_000 });
  for (const name of ['server', 'socket']) await expect(check(ann, name)).toHaveAttribute('data-state', 'failed');
  await expect(check(ann, 'webrtc')).toHaveAttribute('data-state', 'ok');
  await ann.leave();
  await server.stop();
});
