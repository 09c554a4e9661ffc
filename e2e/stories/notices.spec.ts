import { expect } from '@playwright/test';
import { PushService } from '../../backend/src/testing/push-service.ts';
import { Person } from '../person.ts';
import { TestServer } from '../server.ts';
import { test as told } from '../world.ts';

const test = told.extend({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern, and refuses anything else here
  server: async ({}, use) => {
    const server = await TestServer.start({ PUSH_ALLOW_LOOPBACK: 'on', PUSH_EVERY_SECONDS: '0' });
    await use(server);
    await server.stop();
  },
});

const member = (person: Person, name: string) => person.page.locator(`[data-testid=member][data-user="${name}"]`);
async function choose(person: Person, status: string): Promise<void> {
  await person.by('account-menu').click();
  await person.by('status-menu').click();
  await person.by(`status-${status}`).click();
  await person.page.keyboard.press('Escape');
}

test('a status is seen by the others, with own words, and an invisible one is offline to them (PRES1)', async ({ world }) => {
  const [ann, bob] = (await world('Kitchen', 'ann', 'bob')) as [Person, Person];
  await expect(member(ann, 'bob')).toHaveAttribute('data-status', 'online');
  await choose(bob, 'busy');
  await expect(member(ann, 'bob')).toHaveAttribute('data-status', 'busy');
  await bob.by('account-menu').click();
  await bob.by('status-menu').click();
  await bob.by('status-text').click();
  await bob.by('status-words').fill('Baking until noon');
  await bob.by('save-status').click();
  await expect(member(ann, 'bob').getByTestId('member-status')).toHaveText('Busy: Baking until noon');
  await expect(bob.by('own-status')).toHaveText('Busy: Baking until noon');
  await member(ann, 'bob').getByTestId('about-member').click();
  await expect(ann.by('person-status')).toHaveText('Busy: Baking until noon');
  await ann.page.keyboard.press('Escape');
  await bob.page.reload();
  await expect(bob.by('own-status')).toHaveText('Busy: Baking until noon');
  for (const person of [bob, ann]) await person.allDirect(2); // linked anew
  await choose(bob, 'invisible');
  await expect(member(ann, 'bob')).toHaveAttribute('data-status', 'offline');
  await ann.say('are you there?');
  await bob.enter('Kitchen');
  await bob.sees('are you there?');
});

test('away by itself after five minutes without a touch in any tab, and back at the next (PRES1)', async ({ world }) => {
  const [ann, bob] = (await world('Kitchen', 'ann', 'bob')) as [Person, Person];
  const other = await bob.context.newPage();
  await other.goto(new URL('/', bob.page.url()).href);
  await expect(other.getByTestId('elsewhere')).toBeVisible();
  await bob.page.clock.install();
  await bob.page.reload();
  await bob.enter('Kitchen');
  await expect(member(ann, 'bob')).toHaveAttribute('data-status', 'online');
  await bob.page.clock.fastForward('05:10');
  await expect(member(ann, 'bob')).toHaveAttribute('data-status', 'away');
  await other.mouse.move(100, 100);
  await expect(member(ann, 'bob')).toHaveAttribute('data-status', 'online');
  await other.close();
});

test('what calls one by name is counted apart, in the list and the title, as the room’s level wants it (PRES2)', async ({ world }) => {
  const [ann, bob] = (await world('Kitchen', 'ann', 'bob')) as [Person, Person];
  const { page } = bob;
  await page.goto(new URL('/settings/notices', page.url()).href);
  const line = bob.roomItem('Kitchen');
  await ann.say('anybody there?');
  await expect(line.getByTestId('unread')).toContainText('1');
  await expect(line.getByTestId('mentions')).toHaveCount(0);
  await ann.say('@bob you, too?');
  await expect(line.getByTestId('mentions')).toContainText('@1');
  await expect(page).toHaveTitle(/^\(2\) /);
  await page.getByTestId('room-level').selectOption('mentions');
  await expect(page).toHaveTitle(/^\(1\) /);
  await page.getByTestId('room-level').selectOption('nothing');
  await expect(page).not.toHaveTitle(/^\(/);
  await page.reload();
  await expect(line.getByTestId('unread')).toContainText('2');
  await expect(page).not.toHaveTitle(/^\(/);
  await expect(page.getByTestId('room-level')).toHaveValue('nothing');
  await bob.enter('Kitchen');
  await bob.by('room-menu').click();
  await bob.by('room-level-menu').click();
  await expect(bob.by('level-nothing')).toHaveAttribute('aria-checked', 'true');
  await bob.by('level-everything').click();
  await page.keyboard.press('Escape');
  await page.goto(new URL('/settings/notices', page.url()).href);
  await ann.say('one more');
  await expect(page).toHaveTitle(/^\(1\) /);
  await page.keyboard.press('Alt+Shift+ArrowDown');
  await bob.sees('one more');
  await expect(page).not.toHaveTitle(/^\(/);
});

test('sounds and join notices are as they were set, also after a reload (PRES3, PRES5)', async ({ world }) => {
  const [ann, bob] = (await world('Kitchen', 'ann', 'bob')) as [Person, Person];
  await expect(ann.page.locator('[data-testid=notice][data-kind=joined]')).toHaveCount(1);
  await ann.by('account-menu').click();
  await ann.by('notices-link').click();
  const sound = (event: string) => ann.by(`sound-${event}`).getByRole('switch');
  await expect(sound('message')).toHaveAttribute('aria-checked', 'true');
  await sound('message').click();
  await sound('joined').click();
  await ann.page.getByRole('button', { name: 'Listen: A message', exact: true }).click();
  const comings = ann.by('comings').getByRole('switch');
  await comings.click();
  await expect(comings).toHaveAttribute('aria-checked', 'false');
  await ann.page.reload();
  await expect(sound('message')).toHaveAttribute('aria-checked', 'false');
  await expect(sound('joined')).toHaveAttribute('aria-checked', 'true');
  await ann.enter('Kitchen');
  await bob.say('hello');
  await ann.sees('hello');
  await expect(ann.page.locator('[data-testid=notice][data-kind=joined]')).toHaveCount(0);
});

test('a push with the app closed shows who wrote and what, opened on this device alone (PRES4)', async ({ world, server }) => {
  const service = await PushService.open();
  const [ann, bob] = (await world('Kitchen', 'ann', 'bob')) as [Person, Person];
  await bob.context.grantPermissions(['notifications', 'camera', 'microphone'], { origin: server.origin });
  await bob.page.goto(`${server.origin}/settings/notices`);
  await bob.by('desktop-notices').getByRole('switch').click();
  await expect(bob.by('push-state')).toBeVisible();
  await bob.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  // This browser has no push service to ask: the one of the story takes its place.
  await bob.page.evaluate((subscription) => globalThis.conclaveStories!.client.notices.subscribe(subscription), service.subscription());
  // A page of nobody's: while one of the site is looked at, the worker shows nothing.
  const beside = await bob.context.newPage();
  const worker = await beside.context().newCDPSession(beside);
  const registrations: string[] = [];
  worker.on('ServiceWorker.workerRegistrationUpdated', (event) =>
    registrations.push(...event.registrations.filter(({ isDeleted }) => !isDeleted).map(({ registrationId }) => registrationId)),
  );
  await worker.send('ServiceWorker.enable');
  await bob.close();
  await ann.say('the cake is ready');
  const { payload, body } = await service.at(0);
  expect(body.toString('latin1')).not.toContain('cake');
  expect(JSON.stringify(payload)).not.toContain('cake');
  await expect.poll(() => registrations.length).toBeGreaterThan(0);
  const registrationId = registrations.at(-1)!;
  const push = (data: object) =>
    worker.send('ServiceWorker.deliverPushMessage', { origin: server.origin, registrationId, data: JSON.stringify(data) });
  const shown = async () => {
    const page = await bob.context.newPage();
    await page.goto(`${server.origin}/manifest.webmanifest`);
    const notices = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration('/');
      return ((await registration?.getNotifications()) ?? []).map(({ title, body }) => `${title}: ${body}`);
    });
    await page.close();
    return notices;
  };
  await push(payload);
  await expect.poll(shown).toEqual(['Ann · Kitchen: the cake is ready']);
  const { sealed: _, ...bare } = payload;
  await push(bare);
  await expect.poll(shown).toEqual(['Kitchen: New message in Kitchen']);
  // The snapshot moved nothing: the app opens the same message.
  await bob.open('/');
  await bob.enter('Kitchen');
  await bob.sees('the cake is ready');
  // The worker alone speaks, in the language that was chosen, and in the browser's when none is any more (APP4).
  const unknown = (first: string) => ({ ...bare, eid: first + bare.eid.slice(1) });
  await bob.by('account-menu').click();
  await bob.by('language-menu').click();
  await bob.by('language-zh').click();
  await expect(bob.page.locator('html')).toHaveAttribute('lang', 'zh');
  await bob.close();
  await push(unknown('A'));
  await expect.poll(shown).toEqual(['Kitchen: Kitchen 有新消息']);
  await bob.open('/about');
  await bob.page.evaluate(() => localStorage.setItem('conclave.language', 'system'));
  await bob.page.reload();
  await expect(bob.page.locator('html')).toHaveAttribute('lang', 'en');
  await bob.close();
  await push(unknown('B'));
  await expect.poll(shown).toEqual(['Kitchen: New message in Kitchen']);
  await beside.close();
  await service.close();
  // This browser, which forgets everything, has no push service, and says so.
  const others = bob.complaints.splice(0).filter((text) => !text.includes('incognito'));
  expect(others).toEqual([]);
});
