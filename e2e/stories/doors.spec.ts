import { expect, type Locator } from '@playwright/test';
import { Person } from '../person.ts';
import { test } from '../world.ts';

/** Hides what is typed, takes what is pasted, and is known to password managers for what it is. */
async function isPasswordField(field: Locator, autocomplete: string): Promise<void> {
  await expect(field).toHaveAttribute('type', 'password');
  await expect(field).toHaveAttribute('autocomplete', autocomplete);
  await field.fill('');
  await field.focus();
  const page = field.page();
  await page.evaluate(() => navigator.clipboard.writeText('pasted, every word of it'));
  await page.keyboard.press('ControlOrMeta+V');
  await expect(field).toHaveValue('pasted, every word of it');
}

test('every password field hides what is typed, takes a paste, and names itself to password managers (ACC2)', async ({
  browser,
  server,
}) => {
  const ann = new Person(browser, server, 'ann', (context) => context.grantPermissions(['clipboard-read', 'clipboard-write']));
  await ann.arrive(`/#setup=${server.setupToken}`);
  await isPasswordField(ann.by('password'), 'new-password');
  await ann.page.getByRole('button', { name: 'Show' }).click();
  await expect(ann.by('password')).toHaveAttribute('type', 'text');
  await ann.page.getByRole('button', { name: 'Hide' }).click();
  await ann.leave();
  await ann.setUp('Lobby');
  await ann.page.goto(`${server.origin}/security`);
  await ann.by('change-password').click();
  await isPasswordField(ann.by('current-password'), 'current-password');
  await isPasswordField(ann.by('password'), 'new-password');
  const visitor = new Person(browser, server, 'bob', (context) => context.grantPermissions(['clipboard-read', 'clipboard-write']));
  await visitor.arrive();
  await isPasswordField(visitor.by('password'), 'current-password');
  await visitor.open('/register#invite=nothing');
  await isPasswordField(visitor.by('password'), 'new-password');
  await visitor.open('/#reset=nothing');
  await isPasswordField(visitor.by('password'), 'new-password');
  await visitor.leave();
  await ann.leave();
});

test('every page of somebody signed in has the way out (ACC7)', async ({ world, server }) => {
  const [ann] = (await world('Lobby', 'ann')) as [Person];
  for (const path of ['/', '/directory', '/invite', '/profile', '/security', '/devices', '/privacy', '/reach', '/doctor', '/about']) {
    await ann.page.goto(server.origin + path);
    await ann.by('account-menu').click();
    await expect(ann.by('log-out')).toBeVisible();
    await ann.page.keyboard.press('Escape');
  }
  await ann.by('account-menu').click();
  await ann.by('log-out').click();
  await ann.by('confirm').click();
  await expect(ann.by('login-form')).toBeVisible();
});
