import { expect, type Page } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

/** The worker has the page: from then on nothing that is shared goes to the server. */
const controlled = (page: Page) =>
  page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50));
  });

/** What the system does when somebody shares from another app: it posts the form that the manifest describes. */
async function share(page: Page, fields: Record<string, string>, ...files: { name: string; type: string; text: string }[]): Promise<void> {
  const target = await page.evaluate(async () => {
    const manifest = (await (await fetch('/manifest.webmanifest')).json()) as { share_target: { action: string; params: { files: { name: string }[] } } }; // prettier-ignore
    return manifest.share_target;
  });
  await post(page, target.action, target.params.files[0]!.name, fields, files);
}

async function post(
  page: Page,
  action: string,
  field: string,
  fields: Record<string, string>,
  files: { name: string; type: string; text: string }[],
) {
  const left = page.waitForURL('**/share*');
  await page.evaluate(
    ([to, name, values, contents]) => {
      const form = document.createElement('form');
      [form.method, form.enctype, form.action] = ['post', 'multipart/form-data', to];
      const input = (type: string, called: string) => {
        const each = document.createElement('input');
        [each.type, each.name] = [type, called];
        form.append(each);
        return each;
      };
      for (const [key, value] of Object.entries(values)) input('text', key).value = value;
      const carrier = new DataTransfer();
      for (const { name: called, type, text } of contents) carrier.items.add(new File([text], called, { type }));
      const chooser = input('file', name);
      chooser.multiple = true;
      chooser.files = carrier.files;
      document.body.append(form);
      form.submit();
    },
    [action, field, fields, files] as const,
  );
  await left;
}

const file = (person: Person, name: string) => person.page.locator(`[data-testid=file][data-name="${name}"]`);

test('what is shared to the app waits without the server, and goes where its owner says (FILE1)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const { page } = ann;
  await page.setViewportSize({ width: 390, height: 844 });
  await controlled(page);
  await ann.by('composer').fill('look:');
  await page.getByRole('link', { name: 'Back to the rooms' }).click();
  await ann.context.setOffline(true);
  await post(page, '/share', 'files', { title: 'Cake', text: 'How to bake a cake', url: 'https://cake.example/1' }, [
    { name: 'recipe.txt', type: 'text/plain', text: 'three eggs' },
    { name: 'list.csv', type: 'text/csv', text: 'flour;1' },
  ]);
  await expect(ann.by('shared-text')).toHaveText('Cake\nHow to bake a cake\nhttps://cake.example/1');
  await expect(ann.by('shared-file')).toHaveCount(2);
  expect(new URL(page.url()).search).toBe('');
  await ann.context.setOffline(false);
  // Nothing is said before its author says it.
  await ann.by('share-field').fill('lby');
  await expect(ann.by('share-place')).toHaveText([/Lobby/]);
  await ann.by('share-field').press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(ann.by('composer')).toHaveValue('look:\nCake\nHow to bake a cake\nhttps://cake.example/1');
  await expect(ann.by('file-chip')).toHaveText([/recipe\.txt/, /list\.csv/]);
  expect((await bob.transcript('Lobby')).map(({ text }) => text)).toEqual([]);
  await ann.by('send').click();
  await bob.sees('How to bake a cake');
  await file(bob, 'recipe.txt').getByTestId('fetch-file').click();
  await expect(file(bob, 'recipe.txt')).toHaveAttribute('data-state', 'here', { timeout: 60_000 });
  // Taken is gone.
  await page.goto(new URL('/share', page.url()).href);
  await expect(ann.by('share-empty')).toBeVisible();
});

test('what is shared while one is signed out, or in another tab, waits until one is in', async ({ world }) => {
  const [ann] = (await world('Lobby', 'ann')) as [Person];
  await controlled(ann.page);
  const other = await ann.context.newPage();
  await other.goto(new URL('/', ann.page.url()).href);
  await expect(other.getByTestId('elsewhere')).toBeVisible();
  await share(other, { text: 'from the other tab' });
  await expect(other.getByTestId('elsewhere')).toBeVisible();
  await expect(other.getByTestId('share-waits')).toBeVisible();
  await other.getByTestId('take-over').click();
  await expect(other.getByTestId('shared-text')).toHaveText('from the other tab');
  await other.close();
  await ann.page.reload();
  await ann.by('account-menu').click();
  await ann.by('log-out').click();
  await ann.page.getByRole('button', { name: 'Log out', exact: true }).click();
  await expect(ann.by('login-form')).toBeVisible();
  await share(ann.page, { text: 'while signed out' });
  await expect(ann.by('share-waits')).toBeVisible();
  await ann.signIn();
  await expect(ann.by('shared-text')).toHaveText('from the other tab\nwhile signed out');
  await ann.by('discard-shared').click();
  await expect(ann.by('share-empty')).toBeVisible();
});
