import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import sharp from 'sharp';
import { Person } from '../person.ts';
import { test } from '../world.ts';

/* Every screen of the product, in both sizes and both themes, becomes docs/tour.md: one sheet of four pictures each. */
const DOCS = join(import.meta.dirname, '../../docs');
const IMAGES = join(DOCS, 'images/tour');
const LARGEST = 120 * 1024;
const wide = { width: 1280, height: 800 };
const narrow = { width: 390, height: 800 };
const gap = 24;

const pages: string[] = [];

/** The same state four times: wide and narrow, light and dark; written as one picture, and into the tour's text. */
async function take(page: Page, name: string, title: string, words: string): Promise<void> {
  const shots: Buffer[] = [];
  for (const viewport of [wide, narrow])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(viewport);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.waitForTimeout(400); // the layout settles
      shots.push(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
    }
  await page.setViewportSize(wide);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const [wideLight, wideDark, narrowLight, narrowDark] = shots as [Buffer, Buffer, Buffer, Buffer];
  const width = 2 * (wide.width + narrow.width) + 5 * gap;
  const at = (left: number) => ({ top: gap, left });
  const sheet = await sharp({ create: { width, height: wide.height + 2 * gap, channels: 3, background: '#8a8f8c' } })
    .composite([
      { input: wideLight, ...at(gap) },
      { input: narrowLight, ...at(2 * gap + wide.width) },
      { input: wideDark, ...at(3 * gap + wide.width + narrow.width) },
      { input: narrowDark, ...at(4 * gap + 2 * wide.width + narrow.width) },
    ])
    .png()
    .toBuffer();
  const path = join(IMAGES, `${name}.webp`);
  await sharp(sheet)
    .resize({ width: Math.round(width * 0.56) })
    .webp({ quality: 72, effort: 6 })
    .toFile(path);
  expect(statSync(path).size).toBeLessThan(LARGEST);
  pages.push(`## ${title}\n\n${words}\n\n![${title}](images/tour/${name}.webp)\n`);
}

async function talk(people: Person[]): Promise<void> {
  const conversation: [who: number, text: string][] = [
    [0, 'Morning! The glass for the new greenhouse comes on Thursday.'],
    [1, 'Thursday works. Do we need the van, @ann?'],
    [2, '周四可以。**请把**幼苗先搬出来。'],
    [0, 'I will, tonight. They go under the south wall, *not* on the bench.'],
    [1, 'The pump has a new timer:\n```ts\nconst on = "06:30", off = "06:50"; // twenty minutes\n```'],
    [2, 'Twenty minutes is plenty this month. Thank you! 🌱'],
    [0, 'Four is good. I bring the plums'],
  ];
  for (const [who, text] of conversation) {
    await people[who]!.say(text);
    for (const person of people) await person.sees(text.split('\n')[0]!.replaceAll('*', '').slice(0, 20));
  }
}

/** As the system does it: the form of the manifest's share target, from a page that the worker has. */
async function shareFromElsewhere(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 50));
    const form = document.createElement('form');
    [form.method, form.enctype, form.action] = ['post', 'multipart/form-data', '/share'];
    const [text, files] = [document.createElement('input'), document.createElement('input')];
    [text.name, text.value, files.type, files.name, files.multiple] = ['text', 'The plan of the beds, as we said.', 'file', 'files', true];
    const carrier = new DataTransfer();
    for (const [name, size] of [
      ['beds.pdf', 182_000],
      ['south wall.jpg', 1_400_000],
    ] as const)
      carrier.items.add(new File([new Uint8Array(size)], name));
    files.files = carrier.files;
    form.append(text, files);
    document.body.append(form);
    setTimeout(() => form.submit());
  });
  await page.waitForURL('**/share');
}

test('every screen there is', async ({ world, browser, server }) => {
  test.setTimeout(600_000);
  mkdirSync(IMAGES, { recursive: true });
  const people = (await world('Garden House', 'ann', 'bob', 'cleo')) as [Person, Person, Person];
  const [ann, bob] = people;
  const { page } = ann;
  for (const person of people) await person.allDirect(3);
  await talk(people);
  const room = new URL(page.url()).pathname;
  const id = room.split('/')[2]!;
  const bobId = await page.evaluate(
    (which) => conclaveStories!.client.room(which).roster.value.members.find(({ username }) => username === 'bob')!.user,
    id,
  );
  const go = async (path: string) => {
    await page.goto(server.origin + path);
    await expect(page.locator('main')).toBeVisible();
    await page.waitForTimeout(1_200);
  };
  const close = () => page.keyboard.press('Escape');

  const visitor = new Person(browser, server, 'dora');
  await visitor.arrive('/');
  await expect(visitor.by('login-form')).toBeVisible();
  await take(visitor.page, 'sign-in', 'Signing in', 'With a password, a passkey, or a device that is signed in already.');
  await visitor.page.goto(`${server.origin}/register#invite=nothing`);
  await visitor.page.waitForTimeout(800);
  await take(visitor.page, 'register', 'A new account', 'By an invitation’s link. The account’s keys are made in the browser.');
  await visitor.leave();

  await page.waitForTimeout(4_000); // receipts go out every 2 s
  await take(page, 'room', 'A room', 'Who said what, who has it, by which route: beside each message and in the list of members.');
  await ann.message('Thursday works').hover();
  await ann.message('Thursday works').getByTestId('message-more').click();
  await take(page, 'message', 'What can be done with a message', 'By its button, or by a finger that rests on it.');
  await close();
  await ann.message('Four is good').hover();
  await ann.message('Four is good').getByTestId('message-more').click();
  await ann.by('do-details').click();
  await take(page, 'details', 'About a message', 'Who has it, and who has read it.');
  await close();
  await ann.by('composer').pressSequentially('Thank you @');
  await take(page, 'suggestions', 'Calling somebody', 'Names after `@`, emoji after `:`, chosen from the keyboard.');
  await close();
  await ann.by('composer').fill('');
  await ann.by('emoji').click();
  await page.waitForTimeout(800);
  await take(page, 'emoji', 'Emoji', 'Found by name in both languages; from this server only.');
  await close();
  await page.keyboard.press('Control+k');
  await page.waitForTimeout(600);
  await take(page, 'switcher', 'Going somewhere', 'Ctrl-K: rooms, people, pages.');
  await close();
  await ann.by('timeline').press('?');
  await take(page, 'shortcuts', 'The keyboard', 'A question mark lists what its keys do.');
  await close();

  await go('/search');
  await page.locator('main input').first().fill('greenhouse');
  await page.waitForTimeout(1_000);
  await take(page, 'search', 'Searching', 'In what this device stores. Nobody else learns what one looks for.');
  await shareFromElsewhere(page);
  await page.waitForTimeout(1_200);
  await take(page, 'share', 'Sharing to it', 'From other apps, offline, too: it waits on the device until one says where it goes.');
  const screens: [path: string, name: string, title: string, words: string][] = [
    [`${room}/settings`, 'room-settings', 'A room’s settings', 'Its name, how long messages stay, invitations, bans, its end.'],
    ['/directory', 'directory', 'Finding a room', 'Rooms that are listed, and making one.'],
    [
      `/people/${bobId}/verify`,
      'verify',
      'Verifying somebody',
      'The same numbers, pictures or code on both screens: nobody stands between.',
    ],
    ['/settings/notices', 'notices', 'Notices and sounds', 'What is told, how, and for which rooms.'],
    ['/history', 'history', 'Your history', 'A recovery phrase, export and import.'],
    ['/profile', 'profile', 'Your profile', 'Name, picture, words about oneself; all data the server holds; the end of the account.'],
    ['/security', 'security', 'Security', 'Password, passkeys, the lock of this device, sessions.'],
    ['/devices', 'devices', 'Your devices', 'Linking another one, removing one.'],
    ['/privacy', 'privacy', 'Privacy', 'Who sees this device’s address, who learns what was read, who is blocked.'],
    ['/invite', 'invite', 'Inviting people', 'A link or a QR code.'],
    ['/reach', 'reach', 'Without the server', 'Two members find each other by a text or a QR code.'],
    ['/console/overview', 'console', 'The console', 'For moderators and administrators; [more of it](operating.md).'],
    ['/about', 'about', 'About', 'What the server knows, and what it does not.'],
  ];
  for (const [path, name, title, words] of screens) {
    await go(path);
    await take(page, name, title, words);
  }
  await go('/doctor');
  await page.waitForTimeout(15_000);
  await take(page, 'doctor', 'The connection doctor', 'What works, what does not, and who can mend it.');

  await go('/');
  await ann.by('account-menu').click();
  await take(page, 'menu', 'The menu', 'Status, settings, appearance, language.');
  await ann.by('language-menu').click();
  await ann.by('language-zh').click();
  await go(room);
  await take(page, 'chinese', '中文', 'The same room in Chinese; the language changes without a reload.');

  // Last: these two leave the server.
  await page.evaluate((which) => conclaveStories!.client.room(which).proposePrivate(), id);
  await expect(bob.page.getByText('go private')).toBeVisible();
  await take(bob.page, 'private', 'Going private', 'Who agrees leaves the server, and goes on from browser to browser.');

  const head =
    '# A tour of Conclave\n\nEvery screen, wide and narrow, light and dark. Made by `npm run screenshots` from the running product.\n';
  writeFileSync(join(DOCS, 'tour.md'), [head, ...pages].join('\n'));
});
