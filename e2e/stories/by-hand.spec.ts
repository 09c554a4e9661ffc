import { expect } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

test('the server is dead, one reloads, and comes back to all by a text to one member and their answer (ACC16, P-26)', async ({
  world,
  server,
}) => {
  const [ann, bob, cyd] = (await world('Lobby', 'ann', 'bob', 'cyd')) as [Person, Person, Person];
  await ann.say('all together');
  for (const person of [bob, cyd]) await person.sees('all together');
  // The worker that serves the app offline is there after the first load.
  await ann.page.evaluate(async () => void (await navigator.serviceWorker.ready));
  await expect.poll(() => ann.page.evaluate(async () => (await caches.keys()).length)).toBeGreaterThan(0);
  await server.kill();
  await ann.page.reload();
  await ann.enter('Lobby');
  await ann.say('written with nobody there');
  await cyd.say('while ann was away');
  await bob.sees('while ann was away');

  await expect(ann.by('connection-banner')).toHaveAttribute('data-state', 'waiting', { timeout: 30_000 });
  await ann.by('reach-link').click();
  await ann.by('hand-begin').click();
  const offer = await ann.by('hand-offer').inputValue();
  await expect(ann.page.getByLabel('QR code of your text')).toBeVisible();

  await expect(bob.by('connection-banner')).toHaveAttribute('data-state', 'waiting', { timeout: 30_000 });
  await bob.by('reach-link').click();
  await bob.by('role-helping').click();
  await bob.by('hand-input').fill(`${offer.slice(0, 50)}\n${offer.slice(50)} `);
  await bob.by('hand-take').click();
  const answer = await bob.by('hand-answer').inputValue();
  await ann.by('hand-input').fill(answer);
  await ann.by('hand-take').click();
  await expect(ann.by('hand-reached')).toContainText('Connected with Bob');

  await ann.enter('Lobby');
  await ann.allDirect(3);
  await bob.enter('Lobby');
  for (const person of [ann, bob, cyd]) for (const text of ['while ann was away', 'written with nobody there']) await person.sees(text);
  await server.start();
  for (const person of [ann, bob, cyd])
    await expect(person.by('connection-banner')).toHaveAttribute('data-state', 'online', { timeout: 60_000 });
  await bob.say('there it is again');
  for (const person of [ann, cyd]) await person.sees('there it is again');
  const [first, ...others] = await Promise.all([ann, bob, cyd].map((person) => person.transcript('Lobby')));
  expect(first!.map(({ text }) => text).sort()).toEqual(
    ['all together', 'there it is again', 'while ann was away', 'written with nobody there'].sort(),
  );
  for (const other of others) expect(other).toEqual(first);
});

test('what is no text of this kind is refused with words, and one’s own too', async ({ world, server }) => {
  const [ann] = (await world('Lobby', 'ann')) as [Person];
  await ann.page.goto(`${server.origin}/reach`);
  await ann.by('role-asking').click();
  await ann.by('hand-begin').click();
  const offer = await ann.by('hand-offer').inputValue();
  await ann.by('hand-input').fill('good morning');
  await ann.by('hand-take').click();
  await expect(ann.by('hand-problem')).toContainText('not a connection text');
  await ann.by('role-helping').click();
  await expect(ann.by('hand-problem')).toHaveCount(0);
  await ann.by('hand-input').fill(offer);
  await ann.by('hand-take').click();
  await expect(ann.by('hand-problem')).toContainText('your own text');
});
