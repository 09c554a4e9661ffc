import { expect, type Locator } from '@playwright/test';
import { Person } from '../person.ts';
import { test } from '../world.ts';

const pixel =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAMAAADz0U65AAAAA1BMVEXMMzN0dFbYAAAACXBIWXMAAAPoAAAD6AG1e1JrAAAADElEQVQImWNgoA4AAABIAAF7pRHIAAAAAElFTkSuQmCC';
const file = (person: Person, name: string): Locator => person.page.locator(`[data-testid=file][data-name="${name}"]`);

/** What a desktop does with files: pasted where the keyboard is, or let go over something. */
async function carry(at: Locator, how: 'paste' | 'drop', files: Record<string, string>, words?: string): Promise<boolean> {
  return at.evaluate(
    (target, [event, contents, text]) => {
      const carrier = new DataTransfer();
      if (text !== undefined) carrier.setData('text/plain', text);
      for (const [name, base64] of Object.entries(contents)) {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        carrier.items.add(new File([bytes], name, { type: name.endsWith('.png') ? 'image/png' : 'text/plain' }));
      }
      if (event === 'paste') return !target.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carrier, bubbles: true, cancelable: true })); // prettier-ignore
      target.dispatchEvent(new DragEvent('dragover', { dataTransfer: carrier, bubbles: true, cancelable: true }));
      return !target.dispatchEvent(new DragEvent('drop', { dataTransfer: carrier, bubbles: true, cancelable: true }));
    },
    [how, files, words] as const,
  );
}

test('a picture that is pasted is sent with the next message; pasted words stay words', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  expect(await carry(ann.by('composer'), 'paste', { 'screen.png': pixel })).toBe(true);
  await expect(ann.by('file-chip')).toHaveText([/screen\.webp|screen\.png/]);
  // An office program copies words together with a picture of them.
  expect(await carry(ann.by('composer'), 'paste', { 'words.png': pixel }, 'the words themselves')).toBe(false);
  await expect(ann.by('file-chip')).toHaveCount(1);
  await ann.by('composer').fill('pasted');
  await ann.by('composer').press('Enter');
  await expect(ann.by('file-chip')).toHaveCount(0);
  await bob.sees('pasted');
  await expect(file(bob, 'screen.webp').getByTestId('picture-image')).toBeVisible();
});

test('files that are dropped on the room are sent with the next message', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.by('timeline').evaluate((timeline) => {
    const carrier = new DataTransfer();
    carrier.items.add(new File(['x'], 'x.txt'));
    timeline.dispatchEvent(new DragEvent('dragover', { dataTransfer: carrier, bubbles: true, cancelable: true }));
  });
  await expect(ann.by('drop-here')).toBeVisible();
  expect(await carry(ann.by('timeline'), 'drop', { 'dropped.png': pixel, 'plan.txt': btoa('the plan') })).toBe(true);
  await expect(ann.by('drop-here')).toHaveCount(0);
  await expect(ann.by('file-chip')).toHaveCount(2);
  // One of them not after all, by the keyboard.
  await ann.by('file-chip').nth(1).getByTestId('remove-file').press('Enter');
  await expect(ann.by('file-chip')).toHaveText([/dropped/]);
  await carry(ann.by('timeline'), 'drop', { 'plan2.txt': btoa('the plan') });
  await ann.by('send').click();
  await expect(ann.by('file-chip')).toHaveCount(0);
  await expect(file(bob, 'dropped.webp').getByTestId('picture-image')).toBeVisible();
  await expect(file(bob, 'plan2.txt')).toBeVisible();
  await expect(file(bob, 'plan.txt')).toHaveCount(0);
  // Words that are dragged are not files: the browser does with them what it always does.
  expect(await carry(ann.by('timeline'), 'drop', {}, 'only words')).toBe(false);
});

test('on a phone a file is chosen by a finger, and its chip and picture fit the screen', async ({ browser, server }) => {
  const ann = new Person(browser, server, 'ann', undefined, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await ann.setUp('Lobby');
  await ann.roomItem('Lobby').tap();
  const chooser = ann.page.waitForEvent('filechooser');
  await ann.by('attach').tap();
  expect((await chooser).isMultiple()).toBe(true);
  await (
    await chooser
  ).setFiles([
    { name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(pixel, 'base64') },
    { name: `${'a very long name '.repeat(12)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('x') },
  ]);
  await expect(ann.by('file-chip')).toHaveCount(2);
  const fits = (what: Locator) =>
    expect(async () => {
      const { x, y, width, height } = (await what.boundingBox())!;
      expect([x >= 0, y >= 0, x + width <= 390, y + height <= 844]).toEqual([true, true, true, true]);
    }).toPass({ timeout: 10_000 });
  for (const chip of await ann.by('file-chip').all()) {
    await fits(chip);
    const remove = (await chip.getByTestId('remove-file').boundingBox())!;
    expect([remove.width >= 24, remove.height >= 24]).toEqual([true, true]);
  }
  await fits(ann.by('send'));
  await ann.by('file-chip').nth(1).getByTestId('remove-file').tap();
  await expect(ann.by('file-chip')).toHaveCount(1);
  await ann.by('send').tap();
  await expect(ann.by('file-chip')).toHaveCount(0);
  await expect(file(ann, 'photo.webp').getByTestId('picture-image')).toBeVisible();
  await fits(file(ann, 'photo.webp'));
  await file(ann, 'photo.webp').getByTestId('picture').tap();
  await expect(ann.by('lightbox').locator('img')).toBeVisible();
  expect(await ann.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(ann.complaints).toEqual([]);
  await ann.leave();
});
