import { test as base, expect } from '@playwright/test';
import { Person } from './person.ts';
import { TestServer } from './server.ts';

type Fixtures = {
  server: TestServer;
  /** The first sets the house up with a room, the others come by invitation; all are in the room. */
  world: (room: string, ...names: string[]) => Promise<Person[]>;
};

/** A whole world per story: a fresh server, and as many browsers as there are people. */
export const test = base.extend<Fixtures>({
  // eslint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern, and refuses anything else here
  server: async ({}, use) => {
    const server = await TestServer.start();
    await use(server);
    await server.stop();
  },
  world: async ({ browser, server }, use) => {
    const people: Person[] = [];
    await use(async (room, ...names) => {
      for (const name of names) {
        const person = new Person(browser, server, name);
        people.push(person);
        if (people.length === 1) {
          await person.setUp(room);
          await person.enter(room);
        } else {
          await person.register(await invitation(server, people[0]!));
          await person.join(room);
        }
      }
      // What is said before one is in the group is not for one: everybody is, once everybody has a link to everybody.
      if (people.length > 1) for (const person of people) await person.allDirect(people.length);
      return people;
    });
    for (const person of people) await person.leave();
    expect(people.flatMap(({ name, complaints }) => complaints.map((text) => `${name}: ${text}`))).toEqual([]);
  },
});

/** An invitation by REST, as the admin: its form on screen has a story of its own. */
async function invitation(server: TestServer, admin: Person): Promise<string> {
  const { accessToken } = await admin.token();
  const answer = await fetch(`${server.origin}/api/invites`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ uses: 1 }),
  });
  return ((await answer.json()) as { secret: string }).secret;
}
