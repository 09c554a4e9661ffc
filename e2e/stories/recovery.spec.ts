import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { Person } from '../person.ts';
import { test } from '../world.ts';

/** Sets a recovery phrase up, as somebody does who writes it down. */
async function writeDown(person: Person): Promise<string[]> {
  await person.page.goto(new URL('/history', person.page.url()).href);
  await person.by('set-up-recovery').click();
  const words = await person.by('recovery-words').getByRole('listitem').allInnerTexts();
  expect(words).toHaveLength(24);
  expect((await new AxeBuilder({ page: person.page }).analyze()).violations).toEqual([]);
  await person.by('have-written').click();
  const asked = person.by('asked-word');
  const places = await asked.evaluateAll((inputs) => inputs.map((input) => Number((input as HTMLInputElement).dataset['place'])));
  await asked.first().fill('nonsense');
  await person.by('confirm-phrase').click();
  await expect(person.by('recovery').getByRole('alert')).toBeVisible();
  for (const [i, place] of places.entries()) await asked.nth(i).fill(words[place]!);
  await person.by('confirm-phrase').click();
  await expect(person.by('recovery-status')).toContainText('saved just now');
  return words;
}

test('when the only device is lost, 24 words bring account, rooms and history back (E2E10)', async ({ world, browser, server }) => {
  const [ann, bob] = (await world('Hall', 'ann', 'bob')) as [Person, Person];
  await ann.say('before the loss');
  await bob.say('bob was here');
  await ann.sees('bob was here');
  const words = await writeDown(ann);
  await ann.page.close();

  const anew = new Person(browser, server, 'ann');
  await anew.arrive();
  await anew.signIn();
  await anew.by('by-phrase').locator('summary').click();
  await anew.by('recovery-phrase').fill(words.map((word, i) => (i === 3 ? 'zoo' : word)).join(' '));
  await anew.by('use-phrase').click();
  await expect(anew.by('needs-device').getByRole('alert')).toContainText('words');
  await anew.by('recovery-phrase').fill(words.join(' '));
  await anew.by('use-phrase').click();
  await anew.enter('Hall');
  await anew.sees('before the loss');
  await anew.sees('bob was here');
  await anew.say('back again');
  await bob.sees('back again');
  await expect(bob.page.locator('[data-testid=notice][data-kind=key-changed]')).toHaveCount(0);
  expect(anew.complaints).toEqual([]);
  await anew.leave();
});

test('a sealed file takes one’s history to another device, and a readable one is asked about first (FIND4)', async ({
  world,
  browser,
  server,
}) => {
  const [ann] = (await world('Hall', 'ann')) as [Person];
  await ann.say('to be kept in a file');
  await expect(ann.message('to be kept in a file')).toHaveAttribute('data-state', /delivered|held/);
  await ann.page.goto(new URL('/history', ann.page.url()).href);
  await ann.by('export-passphrase').fill('rivers under walnut');
  await ann.by('export-again').fill('rivers under walnut');
  const [sealed] = await Promise.all([ann.page.waitForEvent('download'), ann.by('export-sealed').click()]);
  const file = await sealed.path();
  expect((await readFile(file)).includes('to be kept')).toBe(false);
  await ann.by('export-markdown').click();
  const [plain] = await Promise.all([ann.page.waitForEvent('download'), ann.by('confirm').click()]);
  expect(await readFile(await plain.path(), 'utf8')).toContain('# Hall\n\n**Ann**');

  const anew = new Person(browser, server, 'ann');
  await anew.arrive();
  await anew.signIn();
  await anew.by('reset-key').click();
  await anew.by('confirm').click();
  await anew.enter('Hall');
  await anew.page.goto(new URL('/history', anew.page.url()).href);
  await anew.by('import-file').setInputFiles({ name: 'history.cvh', mimeType: 'application/octet-stream', buffer: await readFile(file) });
  await anew.by('import-passphrase').fill('rivers under willow');
  await anew.by('import-take').click();
  await expect(anew.by('import').getByRole('alert')).toContainText('does not open the file');
  await anew.by('import-passphrase').fill('rivers under walnut');
  await anew.by('import-take').click();
  await expect(anew.by('import-result')).toContainText('1 were added with a mark');
  await anew.enter('Hall');
  await expect(anew.message('to be kept in a file').getByTestId('imported')).toBeVisible();
  expect(anew.complaints).toEqual([]);
  await anew.leave();
});
