import { expect } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

async function relayed(person: Person): Promise<number> {
  const { accessToken } = await person.token();
  const answer = await person.page.request.get(new URL('/api/admin/statistics', person.page.url()).href, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return ((await answer.json()) as { relayedEnvelopes: number }).relayedEnvelopes;
}

test('three people talk directly: the relay carries nothing more once all are direct (MESH2)', async ({ world }) => {
  const [ann, bob, cy] = (await world('Lobby', 'ann', 'bob', 'cyd')) as [Person, Person, Person];
  await ann.say('first words');
  for (const person of [bob, cy]) await person.sees('first words');
  await ann.page.waitForTimeout(5_000); // receipts of what was said before go out every 2 s
  const before = await relayed(ann);
  const talk = async (person: Person) => {
    for (let i = 0; i < 100; i++) await person.say(`${person.name} ${i}`);
  };
  await Promise.all([ann, bob, cy].map(talk));
  for (const person of [ann, bob, cy])
    await expect.poll(async () => (await person.transcript('Lobby')).length, { timeout: 40_000 }).toBe(301);
  const transcripts = await Promise.all([ann, bob, cy].map((person) => person.transcript('Lobby')));
  expect(transcripts[1]).toEqual(transcripts[0]);
  expect(transcripts[2]).toEqual(transcripts[0]);
  await ann.page.waitForTimeout(5_000);
  expect((await relayed(ann)) - before).toBe(0);
});
