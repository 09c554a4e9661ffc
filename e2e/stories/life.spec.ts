import { expect } from '@playwright/test';
import { Person } from '../person.ts';
import { test } from '../world.ts';

test('one form and one invitation: from the setup link to two people talking (ACC1, ACC3)', async ({ browser, server }) => {
  const ann = new Person(browser, server, 'ann');
  await ann.setUp('Lobby');
  await ann.enter('Lobby');
  await ann.page.goto(`${server.origin}/invite`);
  await ann.by('make-invitation').click();
  const link = await ann.by('invitation-link').inputValue();
  const bob = new Person(browser, server, 'bob');
  await bob.register(new URL(link).hash.replace('#invite=', ''));
  await bob.join('Lobby');
  await bob.allDirect(2);
  await bob.say('**hello** Ann');
  await ann.page.goto(server.origin);
  await ann.enter('Lobby');
  await ann.sees('hello Ann');
  await expect(ann.message('hello Ann').locator('strong')).toHaveText('hello');
  const late = new Person(browser, server, 'mallory');
  await late.arrive(`/#setup=${server.setupToken}`);
  await expect(late.by('login-form')).toBeVisible();
  for (const person of [ann, bob, late]) await person.leave();
});

test('a second tab is told, and takes over without losing a word (D10)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.say('from the first tab');
  const first = ann.page;
  await ann.open();
  await expect(ann.by('elsewhere')).toBeVisible();
  await ann.by('take-over').click();
  await ann.enter('Lobby');
  await ann.sees('from the first tab');
  await expect(first.getByTestId('elsewhere')).toBeVisible();
  await ann.say('from the second tab');
  await bob.sees('from the second tab');
  expect((await bob.transcript('Lobby')).map(({ text }) => text)).toEqual(['from the first tab', 'from the second tab']);
});

test('a browser without a device key is linked by a code from a signed-in one, gets the history, and talks (E2E8)', async ({
  world,
  browser,
  server,
}) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await bob.say('before there was a phone');
  await ann.sees('before there was a phone');
  const phone = new Person(browser, server, 'ann');
  await phone.arrive();
  await phone.signIn();
  await expect(phone.by('needs-device')).toBeVisible();
  await ann.page.goto(`${server.origin}/devices`);
  await ann.by('link-device').click();
  const code = await ann.by('link-code').innerText();
  await phone.by('link-code').fill(code);
  await phone.by('needs-device').getByRole('button', { name: 'Link' }).click();
  await phone.enter('Lobby');
  await phone.sees('before there was a phone');
  await bob.say('hello both');
  await phone.sees('hello both');
  await phone.say('from the phone');
  await bob.sees('from the phone');
  await phone.leave();
});

test('an account key that is reset is seen by all, and its owner is read again (E2E4)', async ({ world, browser, server }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await bob.leave();
  const again = new Person(browser, server, 'bob');
  await again.arrive();
  await again.signIn();
  await expect(again.by('needs-device')).toBeVisible();
  await again.by('reset-key').click();
  await again.by('confirm').click();
  await again.enter('Lobby');
  await expect(ann.page.locator('[data-testid=notice][data-kind=key-changed]')).toBeVisible();
  await again.allDirect(2);
  await ann.say('is that you, Bob?');
  await again.sees('is that you, Bob?');
  await again.leave();
});

test('who has left reads nothing said after, and comes back as a newcomer (E2E2)', async ({ world }) => {
  const [ann, bob, cy] = (await world('Lobby', 'ann', 'bob', 'cyd')) as [Person, Person, Person];
  await ann.say('with cyd');
  await cy.sees('with cyd');
  await cy.by('room-menu').click();
  await cy.by('leave-room').click();
  await cy.by('confirm').click();
  await expect(ann.page.locator('[data-testid=notice][data-kind=left]')).toBeVisible();
  await ann.say('without cyd');
  await bob.sees('without cyd');
  await cy.join('Lobby');
  await cy.allDirect(3);
  await ann.say('with cyd again');
  await cy.sees('with cyd again');
  expect((await cy.transcript('Lobby')).map(({ text }) => text)).toEqual(['with cyd', 'with cyd again']);
});

test('installed, it opens offline with history, and sends what was written there (APP1, ACC16)', async ({ world, server }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.say('before the cut');
  await bob.sees('before the cut');
  await bob.page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  await bob.page.waitForTimeout(3_000); // the service worker fills its cache in idle time
  await bob.close();
  await server.kill();
  await bob.open();
  await bob.enter('Lobby');
  await bob.sees('before the cut');
  await bob.say('written offline');
  await expect(bob.page.locator('[data-testid=message][data-state=waiting]')).toHaveCount(1);
  await server.start();
  await ann.sees('written offline');
});
