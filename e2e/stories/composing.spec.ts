import { expect, type Page } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

const roomOf = (page: Page): string => new URL(page.url()).pathname.split('/')[2]!;

/** Says it through the core, without the composer: for many words at once. */
function sayAll(person: Person, room: string, texts: string[]): Promise<string[]> {
  return person.page.evaluate(
    async ([id, words]) => {
      const mids: string[] = [];
      for (const text of words) mids.push(await conclaveStories!.client.room(id).say(text));
      return mids;
    },
    [room, texts] as const,
  );
}

test('one calls somebody by name and finds an emoji, all from the keyboard (MSG4)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const composer = ann.by('composer');
  await composer.pressSequentially('Tea, @b');
  await expect(ann.by('suggestions').getByRole('option')).toHaveText([/Bob/]);
  await composer.press('Enter');
  await expect(composer).toHaveValue('Tea, @bob ');
  await composer.pressSequentially(':teacup');
  await expect(ann.by('suggestions').getByRole('option').first()).toBeVisible();
  await composer.press('Tab');
  await expect(composer).toHaveValue(/^Tea, @bob 🍵 $/u);
  await composer.press('Enter');
  await bob.sees('Tea, @bob 🍵');
  await expect(bob.message('Tea, @bob')).toHaveClass(/mentioned/);
  await expect(bob.message('Tea, @bob').locator('.mention')).toHaveText('@bob');
  await expect(ann.message('Tea, @bob')).not.toHaveClass(/mentioned/);
  // From the picker, by arrow keys alone.
  await ann.by('emoji').press('Enter');
  await ann.by('emoji-search').fill('rocket');
  await ann.by('emoji-search').press('ArrowDown');
  await ann.page.keyboard.press('Enter');
  await expect(composer).toHaveValue(/🚀/u);
  expect(ann.complaints).toEqual([]);
});

test('one goes from an answer to what it answers, by a link to any message, and back to the newest', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const room = roomOf(ann.page);
  const [first] = await sayAll(
    ann,
    room,
    Array.from({ length: 220 }, (_, i) => (i === 0 ? 'the very first words' : `line ${i}`)),
  );
  await bob.sees('line 219');
  await bob.page.evaluate(([id, mid]) => conclaveStories!.client.room(id).say('and this is the answer', { replyTo: mid }), [
    room,
    first!,
  ] as const);
  await ann.page.reload();
  await ann.sees('and this is the answer');
  await expect(ann.page.locator(`article[data-mid="${first}"]`)).toHaveCount(0);
  await ann.message('and this is the answer').getByTestId('quote').click();
  await expect(ann.page.locator(`article[data-mid="${first}"]`)).toBeVisible();
  await ann.page.getByLabel('To the newest message').click();
  await ann.sees('and this is the answer');
  // The same by its address, as somebody opens it from a mail.
  await bob.page.goto(new URL(`/rooms/${room}?at=${first}`, bob.page.url()).href);
  await expect(bob.page.locator(`article.found[data-mid="${first}"]`)).toBeVisible();
  // A message that is not there is said, not ignored.
  await bob.page.goto(new URL(`/rooms/${room}?at=${'A'.repeat(43)}`, bob.page.url()).href);
  await expect(bob.page.getByText('This message is not stored here.')).toBeVisible();
});

test('a message tells who has it, is answered, changed and taken back, by mouse, by a long press, by arrow keys', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.say('the plan');
  await bob.sees('the plan');
  await ann.message('the plan').hover();
  await ann.message('the plan').getByTestId('message-more').click();
  await ann.by('do-details').click();
  await expect(ann.by('message-details')).toContainText('Bob');
  await ann.page.keyboard.press('Escape');
  // A finger rests on it.
  await bob.page.setViewportSize({ width: 390, height: 844 });
  const box = (await bob.message('the plan').locator('.bubble').boundingBox())!;
  await bob
    .message('the plan')
    .locator('.bubble')
    .dispatchEvent('pointerdown', { pointerType: 'touch', button: 0, clientX: box.x + 9, clientY: box.y + 9 });
  await expect(bob.by('message-menu')).toBeVisible();
  await bob.by('message-menu').getByLabel('React with 🎉').click();
  await expect(ann.message('the plan').getByLabel('🎉, 1')).toBeVisible();
  // ArrowUp in the empty composer, words, Enter.
  await ann.by('composer').press('ArrowUp');
  await expect(ann.by('composer')).toHaveValue('the plan');
  await ann.by('composer').fill('the better plan');
  await ann.by('composer').press('Enter');
  await bob.sees('the better plan');
  await expect(bob.message('the better plan')).toContainText('edited');
  await ann.message('the better plan').hover();
  await ann.message('the better plan').getByLabel('Delete for everyone').click();
  await ann.by('confirm').click();
  await expect(bob.message('This message was deleted.')).toBeVisible();
});

/** What matters of a timeline: who said what, what became of it. */
function timeline(person: Person, room: string): Promise<unknown[]> {
  return person.page.evaluate(async (id) => {
    const handle = conclaveStories!.client.room(id);
    while (handle.timeline.value.hasOlder) await handle.older();
    return handle.timeline.value.items.flatMap((item) =>
      item.type === 'message'
        ? [[item.mid, item.text, item.edited, item.deleted, item.replyTo, item.reactions.map(({ emoji, users }) => [emoji, users])]]
        : [],
    );
  }, room);
}

test('two type, edit, react and delete at the same time, offline and back: both end with the same timeline (D9)', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const room = roomOf(ann.page);
  await sayAll(
    ann,
    room,
    Array.from({ length: 10 }, (_, i) => `common ${i}`),
  );
  await bob.sees('common 9');
  /** Sixty acts, by a seed, on whatever this person sees then. */
  const act = (person: Person, seed: number) =>
    person.page.evaluate(
      async ([id, start]) => {
        const handle = conclaveStories!.client.room(id);
        let state = start;
        const next = (below: number) => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % below;
        for (let i = 0; i < 60; i++) {
          const messages = handle.timeline.value.items.filter((item) => item.type === 'message');
          const mine = messages.filter((item) => item.mine && !item.deleted);
          const any = messages[next(messages.length)]!;
          const own = mine[next(Math.max(1, mine.length))];
          const what = next(10);
          if (what < 4 || !own) await handle.say(`${start}: ${i}`, what < 2 ? { replyTo: any.mid } : {});
          else if (what < 6) await handle.edit(own.mid, `${own.text} *`);
          else if (what < 9) await handle.react(any.mid, ['👍', '🎉', '😮'][next(3)]!, next(4) > 0);
          else await handle.remove(own.mid);
          await new Promise((resolve) => setTimeout(resolve, next(40)));
        }
      },
      [room, seed] as const,
    );
  await Promise.all([act(ann, 11), act(bob, 12)]);
  await Promise.all([ann, bob].map(({ context }) => context.setOffline(true)));
  await Promise.all([act(ann, 13), act(bob, 14)]);
  await Promise.all([ann, bob].map(({ context }) => context.setOffline(false)));
  await Promise.all([act(ann, 15), act(bob, 16)]);
  await expect
    .poll(async () => JSON.stringify(await timeline(ann, room)) === JSON.stringify(await timeline(bob, room)), { timeout: 90_000 })
    .toBe(true);
  expect((await timeline(ann, room)).length).toBeGreaterThan(60);
});

test('the screens speak Chinese at once and after a reload, and English again (APP4)', async ({ world }) => {
  const [ann] = (await world('Lobby', 'ann')) as [Person];
  await ann.by('account-menu').click();
  await ann.by('language-menu').click();
  await ann.by('language-zh').click();
  await expect(ann.by('composer')).toHaveAttribute('placeholder', '写消息');
  await expect(ann.page.locator('html')).toHaveAttribute('lang', 'zh');
  await ann.page.reload();
  await expect(ann.by('composer')).toHaveAttribute('placeholder', '写消息');
  await ann.page.keyboard.press('Escape');
  await ann.by('account-menu').click();
  await ann.by('language-menu').click();
  await ann.by('language-en').click();
  await expect(ann.by('composer')).toHaveAttribute('placeholder', 'Write a message');
});

test('a question mark lists the keys, but not while one writes (APP3)', async ({ world }) => {
  const [ann] = (await world('Lobby', 'ann')) as [Person];
  await ann.by('composer').press('?');
  await expect(ann.by('shortcuts')).toHaveCount(0);
  await ann.by('timeline').press('?');
  await expect(ann.by('shortcuts')).toBeVisible();
  await ann.page.keyboard.press('Escape');
  await expect(ann.by('shortcuts')).toHaveCount(0);
});
