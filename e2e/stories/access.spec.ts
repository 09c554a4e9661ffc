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
  for (const path of ['/', '/directory', '/invite', '/devices', '/privacy', '/reach', '/doctor', '/about']) {
    await ann.page.goto(server.origin + path);
    await expect(ann.page.locator('main')).toBeVisible();
    await ann.page.waitForTimeout(500);
    findings.push(...(await serious(ann.page)));
  }
  await visitor.page.goto(server.origin);
  await expect(visitor.by('login-form')).toBeVisible();
  findings.push(...(await serious(visitor.page)));
  await visitor.leave();
  expect(findings).toEqual([]);
});
