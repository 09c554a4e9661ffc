import { randomBytes } from 'node:crypto';
import { expect, type Page } from '@playwright/test';
import { findBelow, findIn, formsOf } from '../canary.ts';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

/** Everything a page sends to the server and hears from it. */
function capture(page: Page): Buffer[] {
  const frames: Buffer[] = [];
  const keep = ({ payload }: { payload: string | Buffer }) => frames.push(Buffer.from(payload));
  page.on('websocket', (socket) => socket.on('framesent', keep).on('framereceived', keep));
  page.on('request', (request) => frames.push(Buffer.from(request.url()), request.postDataBuffer() ?? Buffer.alloc(0)));
  return frames;
}

test('what is said stands nowhere at the server, in no form; a planted leak is found (E2E1)', async ({ world, server }) => {
  const word = `quokka${randomBytes(9).toString('hex')}marmalade`;
  const leak = `leak${randomBytes(8).toString('hex')}`;
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  const heard = [capture(ann.page), capture(bob.page)];
  for (const person of [ann, bob]) {
    await person.page.reload(); // the capture begins with a page's sockets
    await person.enter('Lobby');
  }
  await ann.allDirect(2);
  await ann.say(`direct ${word}`);
  await bob.sees(word);
  await Promise.all([ann.relayOnly(true), bob.relayOnly(true)]);
  await ann.say(`relayed ${word}`);
  await expect.poll(async () => (await bob.transcript('Lobby')).length).toBe(2);
  await bob.close();
  await ann.say(`kept for later ${word}`);
  await expect(ann.message('kept for later')).toHaveAttribute('data-state', 'held');

  const places = async (wanted: string) => [
    ...(await findBelow(server.dataDir, wanted)),
    ...findIn('log', Buffer.from(server.log), wanted),
    ...heard.flat().flatMap((frame) => findIn('frame', frame, wanted)),
  ];
  expect(heard.flat().length).toBeGreaterThan(50);
  expect(await places(word)).toEqual([]);

  // The scan itself: words that the server does get are found in its files, and in the frame that carried them.
  const { accessToken } = await ann.token();
  await ann.page.evaluate(
    async ([name, token]) => {
      await fetch('/api/rooms', {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
    },
    [leak, accessToken] as const,
  );
  const found = await places(leak);
  expect(found.some((place) => place.startsWith(server.dataDir))).toBe(true);
  expect(found.some((place) => place.startsWith('frame'))).toBe(true);
  for (const [name, form] of formsOf(word))
    expect(findIn('planted', Buffer.concat([randomBytes(7), form, randomBytes(7)]), word), name).not.toEqual([]);
});
