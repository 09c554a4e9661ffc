import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { Person } from '../person.ts';
import { test } from '../world.ts';

async function serious(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${page.url()} ${id}: ${nodes[0]?.html}`);
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
    await page.keyboard.press('Escape');
    await expect(page.locator(what)).toHaveCount(0);
  }
  return findings;
}

/** WCAG 2.2 AA as far as a program can tell (APP3): room and registration in both themes and sizes, the others as they open. */
test('the screens of a signed-in person and the doors have no serious accessibility finding', async ({ world, browser, server }) => {
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
      await ann.page.waitForTimeout(500);
      findings.push(...(await serious(ann.page)));
    }
    findings.push(...(await opened(ann)));
  }
  await visitor.page.goto(server.origin);
  await expect(visitor.by('login-form')).toBeVisible();
  findings.push(...(await serious(visitor.page)));
  await visitor.leave();
  expect(findings).toEqual([]);
});
