import { withDatabase } from './database.ts';
import type { Journal } from './people/journal.ts';
import type { Member } from './people/member.ts';
import type { World } from './world.ts';

const convergeMs = 10_000;
const pollMs = 25;

/** What is wrong, in words; an empty list when nothing is. */
export type Findings = string[];
export type Verdict = { convergedMs: number | null; findings: Findings };

/** Waits, at most 10 s from healing, until all transcripts are equal and whole, then looks at everything. */
export async function audit(world: World, healedAt: number): Promise<Verdict> {
  let findings: Findings;
  do {
    findings = sameSize(world) ? transcripts(world) : ['the transcripts differ in length'];
    if (findings.length === 0) break;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  } while (Date.now() - healedAt < convergeMs);
  const convergedMs = findings.length === 0 ? Date.now() - healedAt : null;
  findings = [...transcripts(world), ...(await windows(world))];
  if (findings.length === 0) findings = await relayIsEmpty(world);
  return { convergedMs, findings };
}

function sameSize({ members }: World): boolean {
  return members.every(({ transcriptSize }) => transcriptSize === members[0]!.transcriptSize);
}

/** 0 lost, 0 doubled, 0 inverted, none out of nowhere, and all in one order. */
export function transcripts({ members, journals }: World): Findings {
  const all = members.map((member) => ({ name: member.name, texts: textsOf(member) }));
  return [...judge(all, journals), ...members.flatMap(alarms)];
}

export function judge(all: readonly { name: string; texts: string[] }[], journals: ReadonlyMap<string, Journal>): Findings {
  const findings: Findings = [];
  for (const { name, texts } of all) {
    const counts = new Map<string, number>();
    for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
    for (const journal of journals.values()) findings.push(...ofAuthor(name, texts, counts, journal));
    const doubled = [...counts].filter(([, count]) => count > 1).map(([text]) => text);
    if (doubled.length) findings.push(`doubled: ${name} has ${short(doubled)}`);
  }
  const [first, ...others] = all;
  for (const { name, texts } of others)
    if (texts.join('\n') !== first!.texts.join('\n'))
      findings.push(`order: ${name} and ${first!.name} differ ${where(texts, first!.texts)}`);
  return findings;
}

function ofAuthor(name: string, texts: string[], counts: ReadonlyMap<string, number>, { author, said, tried }: Journal): Findings {
  const lost = said.filter((text) => !counts.has(text));
  const own = texts.filter((text) => text.startsWith(`${author} `)).map((text) => Number(text.slice(author.length + 1)));
  const inverted = own.flatMap((number, i) => (i > 0 && number < own[i - 1]! ? [`${author} ${own[i - 1]} before ${number}`] : []));
  const unknown = own.map((number) => `${author} ${number}`).filter((text) => !tried.has(text));
  return [
    ...(lost.length ? [`lost: ${name} lacks ${short(lost)}`] : []),
    ...(inverted.length ? [`inverted: ${name} has ${short(inverted)}`] : []),
    ...(unknown.length ? [`never said: ${name} has ${short(unknown)}`] : []),
  ];
}

function alarms(member: Member): Findings {
  const holes = member.holes();
  const told = [...new Set(member.notices().filter((kind) => kind === 'equivocation' || kind === 'key-changed'))];
  return [
    ...(holes.length ? [`holes: ${member.name} believes that something is missing: ${short(holes)}`] : []),
    ...(told.length ? [`false alarm: ${member.name} is told ${told.join(', ')}`] : []),
  ];
}

const textsOf = (member: Member) => member.transcript().flatMap(({ body }) => (body.kind === 'text' ? [body.text] : []));

/** What people see is the end of what is stored. */
async function windows({ members }: World): Promise<Findings> {
  await new Promise((resolve) => setTimeout(resolve, 10)); // the view is rebuilt at most once a turn
  return members.flatMap((member) => {
    const stored = textsOf(member);
    const shown = member.shown();
    const tail = stored.slice(-shown.length || stored.length);
    return shown.join('\n') === tail.join('\n') ? [] : [`shown: the window of ${member.name} differs from its store ${where(shown, tail)}`];
  });
}

/** The relay forgets what was acknowledged: what a device has stored is not kept for it. */
async function relayIsEmpty(world: World): Promise<Findings> {
  let findings: Findings = [];
  for (const until = Date.now() + convergeMs; Date.now() < until;) {
    findings = await leftovers(world);
    if (findings.length === 0) return [];
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return findings;
}

function leftovers(world: World): Promise<Findings> {
  return withDatabase(world.databaseUrl, async (client) => {
    const { rows } = await client.query<{ pos: string; eid: string; waiting: string[] }>(
      `select l.pos, encode(l.eid, 'base64') as eid, array(select t from unnest(l.targets) t left join relay_cursor c on c.room = l.room and c.device = t
         where c.device is null or (c.pos < l.pos and l.pos <> all(c.beyond))) as waiting
       from room_log l where l.kind = 'envelope'`,
    );
    const held = rows.flatMap(({ pos, eid, waiting }) => {
      const base64url = eid.replaceAll('\n', '').replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
      const who = world.members.filter((member) => waiting.includes(member.person.device) && member.knows(base64url));
      if (waiting.length === 0) return [`relay: position ${pos} waits for nobody and is still there`];
      return who.length ? [`relay: position ${pos} is kept for ${who.map(({ name }) => name).join(', ')}, who stored it`] : [];
    });
    const { rows: orphans } = await client.query<{ what: string; count: string }>(orphanRows);
    return [...held, ...orphans.filter(({ count }) => count !== '0').map(({ what, count }) => `orphans: ${count} ${what}`)];
  });
}

const orphanRows = `
  select 'log rows beyond the head of their room' as what, count(*) from room_log l join room_head h on h.room = l.room where l.pos > h.pos
  union all select 'log rows for devices that are no leaves', count(*) from room_log l where l.kind = 'envelope' and exists (
    select 1 from unnest(l.targets) t where not exists (select 1 from room_leaf f where f.room = l.room and f.device = t))
  union all select 'cursors of devices that are no leaves', count(*) from relay_cursor c where not exists (
    select 1 from room_leaf f where f.room = c.room and f.device = c.device)
  union all select 'cursors beyond the head', count(*) from relay_cursor c join room_head h on h.room = c.room where c.pos > h.pos
  union all select 'leaves twice', count(*) from (
    select room, device from room_leaf where to_epoch is null group by room, device having count(*) > 1) twice
  union all select 'members without a leaf', count(*) from membership m where not exists (
    select 1 from room_leaf f where f.room = m.room and f.account = m.account and f.to_epoch is null)`;

const short = (list: string[]) => (list.length > 6 ? `${list.slice(0, 6).join(', ')} and ${list.length - 6} more` : list.join(', '));

function where(one: string[], other: string[]): string {
  const at = one.findIndex((text, i) => text !== other[i]);
  const from = at < 0 ? one.length : at;
  return `at ${from}: ${one.slice(from, from + 4).join(', ') || 'the end'} | ${other.slice(from, from + 4).join(', ') || 'the end'}`;
}
