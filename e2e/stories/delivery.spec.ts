import { expect } from '@playwright/test';
import type { Person } from '../person.ts';
import { test } from '../world.ts';

const everybodyHas = async (people: Person[], count: number) => {
  for (const person of people) await expect.poll(async () => (await person.transcript('Lobby')).length, { timeout: 40_000 }).toBe(count);
  const [first, ...others] = await Promise.all(people.map((person) => person.transcript('Lobby')));
  for (const other of others) expect(other).toEqual(first);
  return first!;
};

test('the relay carries from the first moment, and the pair moves up to direct without losing or doubling one (MESH2)', async ({
  world,
}) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await Promise.all([ann.relayOnly(true), bob.relayOnly(true)]);
  await ann.say('by the relay');
  await bob.sees('by the relay');
  for (const person of [ann, bob]) expect(await person.connectionStates()).not.toContain('failed');
  const talk = async (person: Person) => {
    for (let i = 0; i < 40; i++) await person.say(`${person.name} ${i}`);
  };
  const talking = Promise.all([talk(ann), talk(bob)]);
  await ann.page.waitForTimeout(500);
  await Promise.all([ann.relayOnly(false), bob.relayOnly(false)]);
  await talking;
  for (const person of [ann, bob]) await person.allDirect(2);
  await everybodyHas([ann, bob], 81);
});

test('whoever was away gets all 50 in order, though the authors left and the server was restarted', async ({ world, server }) => {
  const [ann, bob, cy] = (await world('Lobby', 'ann', 'bob', 'cyd')) as [Person, Person, Person];
  await cy.close();
  const words = Array.from({ length: 50 }, (_, i) => `while you were away ${i}`);
  for (const [i, text] of words.entries()) await (i % 2 ? bob : ann).say(text);
  for (const person of [ann, bob]) {
    await expect.poll(async () => (await person.transcript('Lobby')).length).toBe(50);
    await expect.poll(() => person.page.locator('[data-testid=message][data-state=waiting]').count()).toBe(0);
  }
  const said = (await ann.transcript('Lobby')).map(({ text }) => text);
  await ann.close();
  await bob.close();
  await server.restart();
  await cy.open();
  await cy.enter('Lobby');
  await expect.poll(async () => (await cy.transcript('Lobby')).map(({ text }) => text), { timeout: 40_000 }).toEqual(said);
  expect([...said].sort()).toEqual([...words].sort());
});

test('a reload keeps history, and a draft', async ({ world }) => {
  const [ann, bob] = (await world('Lobby', 'ann', 'bob')) as [Person, Person];
  await ann.say('something to keep');
  await bob.sees('something to keep');
  await bob.by('composer').fill('half a thought');
  await bob.page.waitForTimeout(1_500);
  await bob.close();
  await bob.open();
  await bob.enter('Lobby');
  await bob.sees('something to keep');
  await expect(bob.by('composer')).toHaveValue('half a thought');
});

for (const way of ['direct', 'relay'] as const)
  test(`the server is killed while all three type, all by ${way}: everything arrives once (MSG8)`, async ({ world, server }) => {
    const people = (await world('Lobby', 'ann', 'bob', 'cyd')) as [Person, Person, Person];
    if (way === 'relay') await Promise.all(people.map((person) => person.relayOnly(true)));
    const talk = async (person: Person) => {
      for (let i = 0; i < 30; i++) await person.say(`${person.name} ${i}`);
    };
    const talking = Promise.all(people.map(talk));
    await people[0].page.waitForTimeout(600);
    await server.kill();
    await talking;
    if (way === 'direct')
      await everybodyHas(people, 90); // with the server still down
    else await people[0].page.waitForTimeout(1_000);
    await server.start();
    await everybodyHas(people, 90);
    const transcript = await people[0].transcript('Lobby');
    for (const { name } of people) {
      const own = transcript.filter(({ text }) => text.startsWith(`${name} `)).map(({ text }) => text);
      expect(own).toEqual(Array.from({ length: 30 }, (_, i) => `${name} ${i}`));
    }
  });
