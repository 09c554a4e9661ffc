import { expect } from 'vitest';
import type { Member } from './lying-server.ts';
import { clerkCommits, type Scene } from './test-scene.ts';

/** Said by members in turn, with commits of somebody else in between. */
export async function talk(story: Scene, random: () => number, seed: number, rounds: number): Promise<void> {
  const { server, members } = story;
  const commits = new Set(Array.from({ length: 3 }, () => Math.floor(random() * rounds)));
  for (let round = 0; round < rounds; round++) {
    const by = members[Math.floor(random() * members.length)]!;
    await by.room.say(`${seed} round ${round} by ${by.place}`);
    if (commits.has(round)) await clerkCommits(story);
    await server.settle(6);
  }
}

export const allSplit = async (members: Member[]) =>
  (await Promise.all(members.map((member) => member.notices()))).every((notices) => notices.includes('split'));

const transcript = async (member: Member) => (await member.texts()).join('|');
export const placeOf = async (member: Member) => {
  const roster = (await member.device.sealer.roster(member.id))!;
  return `${roster.generation}.${roster.epoch}.${roster.authenticator.join()}`;
};

/** What a member who lacks something sees of that. */
const shown = ['gap', 'undecryptable', 'split', 'equivocation'];
export const sees = async (member: Member) => (await member.notices()).some((kind) => shown.includes(kind));

/** A second until members compare, two for what is late, six for the others' answers, and what a busy machine needs; no longer than needed. */
export async function patiently(story: Scene): Promise<void> {
  for (const until = Date.now() + 40_000; Date.now() < until && !(await isEqualOrShown(story));) await story.server.settle(200);
}

/** All have the same words in the same order under the same keys, those of the truth, as soon as a busy machine can; each said once. */
export async function expectEqual(story: Scene): Promise<void> {
  const { members } = story;
  for (const until = Date.now() + 40_000; Date.now() < until && !(await isEqual(story));) await story.server.settle(50);
  const all = await Promise.all(members.map(transcript));
  expect(new Set(all).size, all.join('\n')).toBe(1);
  const texts = all[0]!.split('|');
  expect(new Set(texts).size).toBe(texts.length);
  expect(new Set(await Promise.all(members.map(placeOf))).size).toBe(1);
}

/** Of each member: the words that another has and they lack, and whether they see that something is missing. */
export async function lacks({ members }: Scene): Promise<{ place: number; lacks: string[]; sees: boolean }[]> {
  const all = await Promise.all(members.map(async (member) => new Set(await member.texts())));
  const every = [...new Set(all.flatMap((texts) => [...texts]))];
  return Promise.all(
    members.map(async (member, i) => ({
      place: member.place,
      lacks: every.filter((text) => !all[i]!.has(text)),
      sees: await sees(member),
    })),
  );
}

async function isEqual({ members, server }: Scene): Promise<boolean> {
  const places = await Promise.all(members.map(placeOf));
  const texts = await Promise.all(members.map(transcript));
  return new Set(texts).size === 1 && new Set(places).size === 1 && places[0]!.startsWith(`0.${server.truth.group.epoch}.`);
}

const isEqualOrShown = async (story: Scene) => (await lacks(story)).every((one) => one.lacks.length === 0 || one.sees);
