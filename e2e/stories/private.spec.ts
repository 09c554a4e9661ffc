import { expect } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

test('three leave the server together, talk while it is dead, and come back; the fourth hears nothing of it (MESH6)', async ({
  world,
  server,
}) => {
  const [ann, bob, cyd, dan] = (await world('Lobby', 'ann', 'bob', 'cyd', 'dan')) as [Person, Person, Person, Person];
  await dan.relayOnly(true);
  for (const person of [ann, bob, cyd]) await expect(person.by('reach-summary')).toHaveText(/3 of 4 direct/, { timeout: 40_000 });
  await ann.say('for all of us');
  await dan.sees('for all of us');

  await ann.by('room-menu').click();
  await ann.by('go-private').click();
  await expect(ann.by('private-bar')).toHaveAttribute('data-phase', 'proposed');
  await bob.by('private-yes').click();
  await cyd.by('private-yes').click();
  for (const person of [ann, bob, cyd]) await expect(person.by('private-bar')).toHaveAttribute('data-phase', 'private');
  await expect(dan.page.locator('[data-testid=notice][data-kind=private-others]')).toBeVisible();

  await server.kill();
  await bob.say('nobody listens');
  await cyd.say('not even the server');
  for (const person of [ann, bob, cyd]) await person.sees('not even the server');
  await expect(ann.message('nobody listens')).toHaveAttribute('data-private', 'true');
  await expect(ann.by('connection-banner')).toHaveText(''); // left on purpose: nothing to warn of

  await server.start();
  for (const person of [ann, bob]) await person.by('leave-private').click();
  await expect(cyd.by('private-bar')).toBeHidden(); // nobody is left to talk to
  await ann.say('back again');
  await dan.sees('back again');
  const all = ['for all of us', 'nobody listens', 'not even the server', 'back again'];
  for (const person of [ann, bob, cyd]) {
    await person.sees('back again');
    expect((await person.transcript('Lobby')).map(({ text }) => text)).toEqual(all);
  }
  expect((await dan.transcript('Lobby')).map(({ text }) => text)).toEqual(['for all of us', 'back again']);
});

test('Ctrl-B proposes, silence and “stay here” are a no, and whoever asks is told (MESH6)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.allDirect(2);
  await ann.by('composer').press('Control+b');
  await expect(ann.by('private-bar')).toHaveAttribute('data-phase', 'proposed');
  await bob.by('private-no').click();
  await expect(ann.page.locator('[data-testid=notice][data-kind=private-declined]')).toBeVisible();
  await expect(ann.by('private-bar')).toBeHidden();
  await ann.say('still here');
  await bob.sees('still here');
});
