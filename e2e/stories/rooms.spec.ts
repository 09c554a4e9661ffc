import { expect } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

/** Makes a room of this kind and stands in it. */
async function found(person: Person, kind: 'password' | 'hidden', name: string, password = ''): Promise<void> {
  await person.by('directory-link').first().click();
  await person.by('create-room').click();
  await person.by(`kind-${kind}`).check();
  await person.by('room-name').fill(name);
  if (kind === 'password') await person.by('room-password').fill(password);
  await person.by('submit').click();
  await expect(person.by('composer')).toBeVisible();
}

/** Opens what one may do about a member of the open room. */
async function about(person: Person, username: string): Promise<void> {
  const member = person.page.locator(`[data-testid=member][data-user="${username}"]`);
  await member.getByTestId('about-member').click();
}

test('a room with a password opens by it and by nothing else (ROOM3)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await found(ann, 'password', 'Safe', 'three blind mice');
  await bob.by('directory-link').first().click();
  await bob.page.locator('[data-testid=join-room][data-room-name="Safe"]').click();
  await bob.by('enter-room-password').fill('two blind mice');
  await bob.by('submit-room-password').click();
  await expect(bob.page.getByRole('alert')).toContainText('not the password');
  await bob.by('enter-room-password').fill('three blind mice');
  await bob.by('submit-room-password').click();
  await expect(bob.by('composer')).toBeVisible();
  await bob.allDirect(2);
  // The first words to somebody new, in a room that is not open to all, are sent by hand.
  await ann.say('behind the lock');
  await ann.by('message-anyway').click();
  await bob.sees('behind the lock');

  await ann.by('room-menu').click();
  await ann.by('room-settings').click();
  await ann.by('new-room-password').fill('four blind mice');
  await ann.by('change-room-password').click();
  await ann.enter('Safe');
  await expect(ann.page.locator('[data-testid=notice][data-kind=password-changed]')).toBeVisible();
  await bob.say('still here');
  await ann.sees('still here');
});

test('a hidden room is found by its exact name only, and somebody inside lets one in (ROOM1)', async ({ world }) => {
  const [ann, bob, carl] = (await world('Lobby', 'ann', 'bob', 'carl')) as [Person, Person, Person];
  await found(ann, 'hidden', 'Cellar');
  await bob.by('directory-link').first().click();
  await expect(bob.page.getByTestId('directory')).not.toContainText('Cellar');
  const search = bob.page.getByLabel('Search rooms');
  await search.fill('Cella');
  await bob.by('join-hidden').click();
  await expect(bob.page.getByText('no longer exists')).toBeVisible();
  await search.fill('cellar');
  await bob.by('join-hidden').click();
  await expect(bob.by('composer')).toBeVisible();
  await expect(ann.by('knocking')).toContainText('Bob');
  await ann.by('let-in').click();
  await bob.allDirect(2);
  await ann.say('welcome down here');
  await bob.sees('welcome down here');

  // Who was invited need not ask (ROOM8).
  await ann.by('room-menu').click();
  await ann.by('room-settings').click();
  await ann.by('make-invitation').click();
  const link = await ann.by('invitation-link').inputValue();
  await ann.enter('Cellar');
  await carl.page.goto(link);
  await carl.allDirect(3);
  await carl.say('I had a link');
  await ann.sees('I had a link');
});

test('two people talk alone, and one who is blocked does not get through (ROOM5, MOD2)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await about(ann, 'bob');
  await ann.by('direct-message').click();
  await expect(ann.page.getByRole('heading', { level: 1, name: 'Bob' })).toBeVisible();
  await ann.allDirect(2);
  await ann.say('only for you');
  await bob.enter('Ann');
  await bob.sees('only for you');
  await bob.enter('Lobby');
  await about(bob, 'ann');
  await bob.by('block').click();
  await expect(bob.by('block')).toContainText('Unblock');
  await bob.page.keyboard.press('Escape');
  await ann.enter('Lobby');
  await ann.say('can you hear me');
  await expect(bob.by('folded')).toContainText('somebody you blocked');
});

test('a moderator mutes, puts out and bans, by menu and by command (MOD1, MOD7)', async ({ world }) => {
  const [ann, bob, carl] = (await world('Lobby', 'ann', 'bob', 'carl')) as [Person, Person, Person];
  await ann.allDirect(3);
  await ann.say('/op bob');
  await expect(bob.page.locator('[data-testid=member][data-user=bob]')).toContainText('Moderator');
  await about(bob, 'carl');
  await bob.by('mute').click();
  await bob.by('act-reason').fill('Too loud');
  await bob.by('perform-act').click();
  await expect(carl.by('muted')).toContainText('Too loud');
  await carl.by('composer').fill('but I must');
  await carl.by('composer').press('Enter');
  await expect(carl.page.locator('#composer-problem')).toContainText('muted');
  await expect(ann.page.locator('[data-testid=notice][data-kind=act]').last()).toContainText('muted Carl');
  await bob.say('/unmute carl');
  await carl.by('composer').press('Enter');
  await ann.sees('but I must');

  await ann.say('/ban carl 1d enough');
  await expect(carl.page.getByText('You are banned from this room.')).toBeVisible();
  await expect(ann.page.locator('[data-testid=member]')).toHaveCount(2);
  await ann.say('without carl');
  await bob.sees('without carl');
  await expect(carl.message('without carl')).toHaveCount(0);
  await ann.by('composer').fill('/kick nobody');
  await ann.by('composer').press('Enter');
  await expect(ann.page.locator('#composer-problem')).toContainText('Nobody here is called');
});

test('a report discloses what was picked, proves it, and ends in the console (MOD3, MOD4)', async ({ world }) => {
  const [ann, bob, carl] = (await world('Lobby', 'ann', 'bob', 'carl')) as [Person, Person, Person];
  await carl.say('something hateful');
  await carl.say('something harmless');
  await bob.sees('something harmless');
  await bob.message('something hateful').hover();
  await bob.message('something hateful').getByTestId('report-message').click();
  await bob.by('report-reason').selectOption('abuse');
  await bob.by('report-note').fill('Please look at this');
  await bob.by('send-report').click();
  await expect(bob.page.getByText('with the moderators')).toBeVisible();

  await ann.by('account-menu').click();
  await ann.by('console-link').click();
  await ann.by('console-reports').click();
  await ann.by('report-line').click();
  await expect(ann.by('evidence')).toContainText('something hateful');
  await expect(ann.by('evidence')).not.toContainText('something harmless');
  await ann.by('ban-from-room').click();
  await expect(ann.by('act-preview')).toBeVisible();
  await ann.by('perform-act').click();
  await expect(carl.page.getByText('You are banned from this room.')).toBeVisible();
  await ann.by('close-acted').click();
  await expect(ann.page.getByText('The evidence was deleted')).toBeVisible();
  await ann.by('console-bans').click();
  await expect(ann.by('ban-line')).toContainText('Carl');
  await ann.by('console-audit').click();
  await ann.by('check-audit').click();
  await expect(ann.by('audit-verdict')).toContainText('Whole');
});

test('two people compare their safety numbers, and mark each other (E2E4)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.allDirect(2);
  for (const [one, other] of [
    [ann, 'bob'],
    [bob, 'ann'],
  ] as const) {
    await about(one, other);
    await one.by('verify').click();
    await expect(one.by('safety-number')).toBeVisible();
  }
  const digits = await ann.by('safety-number').textContent();
  expect(await bob.by('safety-number').textContent()).toBe(digits);
  expect(await bob.by('safety-emoji').textContent()).toBe(await ann.by('safety-emoji').textContent());
  await ann.by('hand-input').fill('12345');
  await ann.by('hand-take').click();
  await expect(ann.by('verdict')).toContainText('Not the same');
  await ann.by('hand-input').fill(digits!);
  await ann.by('hand-take').click();
  await expect(ann.by('unmark')).toBeVisible();
  await ann.enter('Lobby');
  await expect(ann.page.locator('[data-testid=member][data-user=bob]')).toContainText('verified');
  await ann.page.getByText('Code of this room').click();
  await bob.enter('Lobby');
  await bob.page.getByText('Code of this room').click();
  expect(await ann.by('room-code').textContent()).toBe(await bob.by('room-code').textContent());
});
