import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { Person } from '../person.ts';
import { test } from '../world.ts';

/** Called moderate by axe, and yet what a reader of screens stumbles over: words outside every landmark, a role its element may not have. */
const alsoSerious = new Set(['region', 'aria-allowed-role']);

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ id, impact }) => impact === 'serious' || impact === 'critical' || alsoSerious.has(id))
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes[0]?.html}`);
}

async function submenu(person: Person, menu: string, entry: string, inside: string): Promise<void> {
  await person.by(menu).click();
  await person.by(entry).click();
  await expect(person.by(inside)).toBeVisible();
}

/** A menu within a menu takes an Escape for each. */
async function closed({ page }: Person, what: string): Promise<void> {
  await expect(async () => {
    await page.keyboard.press('Escape');
    await expect(page.locator(what)).toHaveCount(0, { timeout: 1000 });
  }).toPass();
}

/** What opens over a room on a phone: the drawer of its members, and a message's sheet. */
async function openedOnPhone(person: Person): Promise<string[]> {
  const { page } = person;
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(page.getByRole('dialog')).toHaveCount(0);
  const findings: string[] = [];
  await person.by('members-toggle').click();
  await expect(page.getByRole('dialog')).toBeVisible();
  findings.push(...(await serious(page)));
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await person.by('room-menu').click();
  await expect(page.locator('.mat-mdc-menu-panel').first()).toBeVisible();
  await page.waitForTimeout(400);
  findings.push(...(await serious(page)));
  await closed(person, '.mat-mdc-menu-panel');
  await page.setViewportSize({ width: 1280, height: 800 });
  return findings;
}

/** What opens over a room: each by its key or button, closed by Escape. */
async function opened(person: Person): Promise<string[]> {
  const { page } = person;
  const findings: string[] = [];
  const ways: [open: () => Promise<void>, what: string][] = [
    [() => page.keyboard.press('Control+k'), 'mat-dialog-container'],
    [() => person.by('timeline').press('?'), 'mat-dialog-container'],
    [() => person.by('emoji').click(), '[data-testid=emoji-picker]'],
    [() => person.by('account-menu').click(), '.mat-mdc-menu-panel'],
    [() => person.by('room-menu').click(), '.mat-mdc-menu-panel'],
    [() => submenu(person, 'account-menu', 'language-menu', 'language-en'), '.mat-mdc-menu-panel'],
    [() => submenu(person, 'account-menu', 'status-menu', 'status-busy'), '.mat-mdc-menu-panel'],
    [() => submenu(person, 'room-menu', 'room-level-menu', 'level-nothing'), '.mat-mdc-menu-panel'],
    [
      async () => {
        await person.message('hello').last().hover();
        await person.message('hello').last().getByTestId('message-more').click();
      },
      '[data-testid=message-menu]',
    ],
  ];
  for (const [open, what] of ways) {
    await open();
    await expect(page.locator(what).first()).toBeVisible();
    await page.waitForTimeout(400);
    findings.push(...(await serious(page)));
    await closed(person, what);
  }
  return findings;
}

/** WCAG 2.2 AA as far as a program can tell (APP3): room and registration in both themes and sizes, the others as they open. */
test('the screens of a signed-in person and the doors have no serious accessibility finding', async ({ world, browser, server }) => {
  test.setTimeout(360_000);
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await bob.say('hello **there**, see `this`');
  await ann.sees('hello there');
  const visitor = new Person(browser, server, 'dora');
  await visitor.arrive('/register#invite=nothing');
  const findings: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const)
    for (const viewport of [
      { width: 390, height: 844 },
      { width: 1280, height: 800 },
    ]) {
      for (const { page } of [ann, visitor]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(viewport);
      }
      findings.push(...(await serious(ann.page)));
      findings.push(...(await serious(visitor.page)));
    }
  const room = new URL(ann.page.url()).pathname;
  const bobId = await ann.page.evaluate(
    (id) => conclaveStories!.client.room(id).roster.value.members.find(({ self }) => !self)!.user,
    room.split('/')[2]!,
  );
  const pages = [
    '/',
    '/directory',
    '/invite',
    '/profile',
    '/security',
    '/devices',
    '/privacy',
    '/reach',
    '/doctor',
    '/search',
    '/share',
    '/history',
    '/about',
  ];
  pages.push(`${room}/settings`, `/people/${bobId}/verify`, `/console/people/${bobId}`);
  pages.push(...['overview', 'reports', 'rooms', 'bans', 'people', 'audit'].map((tab) => `/console/${tab}`));
  pages.push('/search', '/history', '/settings/notices');
  // Each as a reader of English by day sees it, and as one of Chinese by night.
  for (const [language, colorScheme] of [
    ['en', 'light'],
    ['zh', 'dark'],
  ] as const) {
    await ann.page.emulateMedia({ colorScheme });
    await ann.page.evaluate((choice) => localStorage.setItem('conclave.language', choice), language);
    for (const path of [...pages, room]) {
      await ann.page.goto(server.origin + path);
      await expect(ann.page.locator('main')).toBeVisible();
      await expect(ann.page.locator('html')).toHaveAttribute('lang', language);
      await expect(ann.roomItem('Lobby').first()).toBeVisible(); // on a slow machine its name, by which things are labelled, comes later
      await ann.page.waitForTimeout(500);
      findings.push(...(await serious(ann.page)));
    }
  }
  await visitor.page.goto(server.origin);
  await expect(visitor.by('login-form')).toBeVisible();
  findings.push(...(await serious(visitor.page)));
  await visitor.leave();
  expect(findings).toEqual([]);
});

test('what opens over a room has no serious accessibility finding, in both themes, languages and sizes', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await bob.say('hello');
  await ann.sees('hello');
  const findings: string[] = [];
  for (const [language, colorScheme] of [
    ['en', 'light'],
    ['zh', 'dark'],
  ] as const) {
    await ann.page.emulateMedia({ colorScheme });
    await ann.page.evaluate((choice) => localStorage.setItem('conclave.language', choice), language);
    await ann.page.reload();
    await ann.sees('hello');
    await expect(ann.page.locator('html')).toHaveAttribute('lang', language);
    findings.push(...(await opened(ann)));
    findings.push(...(await openedOnPhone(ann)));
  }
  expect(findings).toEqual([]);
});
