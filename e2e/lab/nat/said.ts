import type { Person } from '../../person.ts';
import { ROOM } from './nat-world.ts';

const LONGEST_MS = 40_000;

/** Asks about every 50 ms until it is true, and gives back how long that took. Throws after `ms`. */
export async function timeUntil(what: string, ask: () => Promise<boolean>, ms = LONGEST_MS): Promise<number> {
  const begun = performance.now();
  while (!(await ask())) {
    if (performance.now() - begun > ms) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - begun;
}

export const textsOf = async (person: Person) => (await person.transcript(ROOM)).map(({ text }) => text);
/** Until the words are on this person's screen: the view that the page draws from. */
export const shown = (person: Person, text: string, ms?: number) =>
  timeUntil(`${person.name} sees "${text}"`, async () => (await textsOf(person)).includes(text), ms);

/** `data-reach` of the other, as this person's list of members shows it. */
export const reachOf = async (person: Person, other: Person) =>
  person.page.locator(`[data-testid=member][data-user="${other.name}"]`).getAttribute('data-reach');

export const reaches = (person: Person, other: Person, reach: string, ms?: number) =>
  timeUntil(`${person.name} reaches ${other.name} by ${reach}`, async () => (await reachOf(person, other)) === reach, ms);

/** Until everybody reaches everybody in this way. */
export async function allReach(people: Person[], reach: string, ms?: number): Promise<number> {
  const begun = performance.now();
  for (const person of people) for (const other of people) if (other !== person) await reaches(person, other, reach, ms);
  return performance.now() - begun;
}

/** Each says so many words, all at once; gives back everything that is said. */
export async function everybodyTalks(people: Person[], count: number, about: string): Promise<string[]> {
  const words = (person: Person) => Array.from({ length: count }, (_, i) => `${person.name} ${about} ${i}`);
  const talk = async (person: Person) => {
    for (const text of words(person)) await person.say(text);
  };
  await Promise.all(people.map(talk));
  return people.flatMap(words);
}

/** Until everybody has exactly these words: each once, each author's in their order, and all in the same order. */
export async function allHave(people: Person[], words: string[], ms?: number): Promise<number> {
  const begun = performance.now();
  for (const person of people)
    await timeUntil(`${person.name} has ${words.length} messages`, async () => (await textsOf(person)).length >= words.length, ms);
  const took = performance.now() - begun;
  const transcripts = await Promise.all(people.map((person) => person.transcript(ROOM)));
  for (const transcript of transcripts) {
    const texts = transcript.map(({ text }) => text);
    if (JSON.stringify(texts.toSorted()) !== JSON.stringify(words.toSorted())) throw new Error(`lost or doubled: ${texts.join(', ')}`);
    if (JSON.stringify(transcript) !== JSON.stringify(transcripts[0])) throw new Error('not everybody has the same order');
    for (const { name } of people) inOrder(texts, words, name);
  }
  return took;
}

function inOrder(texts: string[], words: string[], name: string): void {
  const own = (all: string[]) => all.filter((text) => text.startsWith(`${name} `)).join(', ');
  if (own(texts) !== own(words)) throw new Error(`${name} said "${own(words)}", which is shown as "${own(texts)}"`);
}
