import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type ViewportSize } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

/* Three people at three real browsers, talking directly; their screens become docs/images. */
const IMAGES = join(import.meta.dirname, '../../docs/images');
const LARGEST = 200 * 1024;
const LAST = 'Four is good. I bring the plums';

const conversation: [who: number, text: string][] = [
  [0, 'Morning! The glass for the new greenhouse comes on Thursday.'],
  [1, 'Thursday works. Do we need the van?'],
  [2, 'I can bring it, if somebody moves the seedlings out of it first.'],
  [0, 'I will, tonight. They go under the south wall, **not** on the bench.'],
  [1, 'Understood. And the pump has a new timer:\n```\non   06:30\noff  06:50\n```'],
  [2, 'Twenty minutes is plenty this month. Thank you!'],
  [1, 'Tea at four, then, and we go through the list for the fair.'],
  [0, LAST],
];

/** Each hears the one before: the picture shows a conversation, in its order. */
async function talk(people: Person[]): Promise<void> {
  for (const [who, text] of conversation) {
    await people[who]!.say(text);
    const words = text.split('\n')[0]!.split('**')[0]!;
    for (const person of people) await person.sees(words);
  }
}

async function openRooms(admin: Person, names: string[]): Promise<void> {
  const { accessToken } = await admin.token();
  for (const name of names) {
    const answer = await admin.page.request.post(new URL('/api/rooms', admin.page.url()).href, {
      headers: { authorization: `Bearer ${accessToken}` },
      data: { name },
    });
    expect(answer.status()).toBe(201);
  }
}

async function take({ page }: Person, name: string, size: ViewportSize, scheme: 'light' | 'dark'): Promise<void> {
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await expect(page.getByTestId('timeline').getByText(LAST)).toBeInViewport();
  await page.waitForTimeout(500); // the layout settles
  const path = join(IMAGES, `${name}-${scheme}.png`);
  await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  expect(statSync(path).size).toBeLessThan(LARGEST);
}

test('what the README shows', async ({ world }) => {
  mkdirSync(IMAGES, { recursive: true });
  const people = await world('Garden House', 'ann', 'bob', 'cleo');
  const [ann, bob] = people as [Person, Person, Person];
  await openRooms(ann, ['Suppliers', 'Summer Fair']);
  await ann.page.reload();
  await ann.enter('Garden House');
  for (const person of people) await person.allDirect(3);
  await talk(people);
  await ann.page.waitForTimeout(5_000); // receipts go out every 2 s
  for (const scheme of ['light', 'dark'] as const) {
    await take(ann, 'desktop', { width: 1280, height: 780 }, scheme);
    await take(bob, 'phone', { width: 390, height: 780 }, scheme);
  }
});
