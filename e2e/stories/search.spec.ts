import AxeBuilder from '@axe-core/playwright';
import { expect } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

/** Makes an open room and stands in it. */
async function makeRoom(person: Person, name: string): Promise<void> {
  await person.by('directory-link').first().click();
  await person.by('create-room').click();
  await person.by('room-name').fill(name);
  await person.by('submit').click();
  await expect(person.by('composer')).toBeVisible();
}
const hits = (person: Person) => person.by('search-hit');

test('what was said is found in one room and in all, and Enter goes to it (FIND1)', async ({ world }) => {
  const [ann, bob] = (await world('Hall', 'ann', 'bob')) as [Person, Person];
  await ann.say('The café opens at nine');
  await bob.say('明天的会议在三点');
  await ann.sees('明天的会议在三点');
  await makeRoom(ann, 'Nook');
  await ann.say('A CAFE of one’s own https://cafe.example');
  await ann.page.keyboard.press('Control+f');
  await expect(ann.page.getByRole('heading', { name: 'Search in Nook' })).toBeVisible();
  await ann.by('search-field').fill('cafe');
  await expect(hits(ann)).toHaveCount(1);
  await expect(hits(ann).locator('mark').first()).toHaveText('CAFE');
  await ann.by('search-everywhere').click();
  await expect(hits(ann)).toHaveCount(2);
  await ann.by('search-field').fill('cafe has:link');
  await expect(hits(ann)).toHaveCount(1);
  await ann.by('search-field').fill('会议 from:bob');
  await expect(hits(ann)).toHaveText([/Bob.*Hall.*明天的会议在三点/s]);
  await ann.by('search-field').fill('from:nobody');
  await expect(ann.by('search-verdict')).toHaveText('Nobody you know has this name.');

  await ann.by('search-field').fill('opens at');
  await expect(hits(ann)).toHaveCount(1);
  await ann.by('search-field').press('ArrowDown');
  await expect(hits(ann)).toBeFocused();
  await ann.page.keyboard.press('Enter');
  await ann.sees('The café opens at nine');
  await ann.page.goBack();
  await expect(hits(ann)).toHaveCount(1); // where one was
});

test('what was deleted, edited or has vanished is found no more, and what is stored is found after a reload (FIND1)', async ({ world }) => {
  const [ann] = (await world('Hall', 'ann')) as [Person];
  await ann.say('a kite to keep');
  await ann.say('a kite to delete');
  await ann.page.keyboard.press('Control+Shift+f');
  await ann.by('search-field').fill('kite');
  await expect(hits(ann)).toHaveCount(2);
  await ann.page.goBack();
  const doomed = (await ann.transcript('Hall')).find(({ text }) => text === 'a kite to delete')!;
  await ann.page.evaluate(({ mid }) => {
    const { client } = globalThis.conclaveStories!;
    return client.room(client.rooms.value[0]!.id).remove(mid);
  }, doomed);
  await ann.page.keyboard.press('Control+Shift+f');
  await ann.by('search-field').fill('kite');
  await expect(hits(ann)).toHaveCount(1);
  await ann.page.reload();
  await expect(hits(ann)).toHaveText([/a kite to keep/]);
});

test('Ctrl-K goes to a room, a person or a page by a few letters (FIND2, FIND3)', async ({ world }) => {
  const [ann, bob] = (await world('Hall', 'ann', 'bob')) as [Person, Person];
  await makeRoom(ann, 'Nook');
  const options = ann.by('switcher-choices').getByRole('option');
  const open = async (letters: string) => {
    await ann.page.keyboard.press('Control+k');
    await expect(ann.by('switcher-field')).toBeFocused();
    await ann.page.keyboard.type(letters);
  };
  await open('ha');
  await expect(options.first()).toHaveAttribute('aria-selected', 'true');
  await expect(options.first()).toContainText('Hall');
  await ann.page.keyboard.press('Enter');
  await expect(ann.page.getByRole('heading', { name: 'Hall' })).toBeVisible();

  await open('bo');
  await expect(options.filter({ hasText: 'Bob' })).toHaveCount(1);
  while (!(await options.filter({ hasText: 'Bob' }).getAttribute('aria-selected'))?.includes('true'))
    await ann.page.keyboard.press('ArrowDown');
  await ann.page.keyboard.press('Enter');
  await expect(ann.page.getByRole('heading', { name: 'Bob' })).toBeVisible();
  await expect(bob.roomItem('Ann')).toBeVisible();

  await open('scrty');
  await ann.page.keyboard.press('Enter');
  await expect(ann.page.getByRole('heading', { name: 'Security' })).toBeVisible();
  await open('');
  expect((await new AxeBuilder({ page: ann.page }).analyze()).violations).toEqual([]);
  await ann.page.keyboard.press('Escape');
  await expect(ann.by('switcher-field')).toHaveCount(0); // closed, not closing
  await open('zzz');
  await expect(options).toHaveCount(0);
  await ann.page.keyboard.press('Escape');
  await expect(ann.by('switcher-field')).toHaveCount(0);
});

test('on a phone search is a button away, and fits (FIND1)', async ({ world }) => {
  const [ann] = (await world('Hall', 'ann')) as [Person];
  await ann.say('a kite on a phone');
  await ann.page.setViewportSize({ width: 390, height: 780 });
  await ann.by('search-room').click();
  await ann.by('search-field').fill('kite');
  await expect(hits(ann)).toHaveCount(1);
  expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect((await new AxeBuilder({ page: ann.page }).analyze()).violations).toEqual([]);
  await hits(ann).click();
  await ann.sees('a kite on a phone');
});
