import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/*
 * docs/asvs.csv against what it cites: every requirement of OWASP ASVS 5.0, levels 1 and 2, of the chapters on web frontend, API,
 * authentication, sessions, authorisation, tokens and OAuth, once, with a status that is backed. That a test shows what the requirement asks
 * for, people have to read.
 */
const root = join(import.meta.dirname, '..');
const counts = { V3: 19, V4: 10, V6: 35, V7: 18, V8: 7, V9: 7, V10: 29 };
/** SHA-256 of "V3.2.1 1\nV3.2.2 1\n…": the ids and levels as OWASP lists them. */
const list = '3c52975b177ccc50f0a782b5e4597a15af927c148c5a0ca757719c2e56cf7de9';
const columns = ['requirement', 'level', 'status', 'evidence', 'note'];

type Row = { requirement: string; level: string; status: string; evidence: string; note: string };
type Read = (path: string) => string | null;

/** RFC 4180, as far as the file needs it: a row is a line. */
function rowsOf(csv: string): Row[] {
  const [head, ...lines] = csv
    .trimEnd()
    .split('\n')
    .map((line) => [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '')); // prettier-ignore
  if (head?.join() !== columns.join()) throw new Error(`the columns are ${columns.join()}`);
  return lines.map((cells) => {
    if (cells.length !== columns.length) throw new Error(`${cells[0]}: ${cells.length} columns`);
    return Object.fromEntries(columns.map((name, i) => [name, cells[i]])) as Row;
  });
}

/** What is wrong with the list of requirements, chapter by chapter; that one stands in another's place, only the sum tells. */
function listFaults(rows: Row[]): string[] {
  const ids = rows.map(({ requirement }) => requirement);
  const faults = ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `${id}: twice`);
  faults.push(...ids.filter((id) => !Object.keys(counts).includes(id.split('.', 1)[0]!)).map((id) => `${id}: unknown`));
  for (const [chapter, expected] of Object.entries(counts)) {
    const count = ids.filter((id) => id.startsWith(`${chapter}.`)).length;
    if (count !== expected) faults.push(`${chapter}: ${count} requirements instead of ${expected}`);
  }
  const sum = createHash('sha256')
    .update(rows.map(({ requirement, level }) => `${requirement} ${level}`).join('\n'))
    .digest('hex');
  if (faults.length === 0 && sum !== list) faults.push('not the ids, order and levels of OWASP’s list');
  return faults;
}

function rowFaults({ requirement, status, evidence, note }: Row, read: Read): string[] {
  const fault = (text: string) => [`${requirement}: ${text}`];
  if (status === 'met') return evidence === '' ? fault('no evidence') : evidence.split(' | ').flatMap((one) => citeFaults(one, read).flatMap(fault));
  if (status !== 'not met' && status !== 'n/a') return fault(`status ${status}`);
  return [...(note.trim() === '' ? fault('no note') : []), ...(evidence === '' ? [] : fault('evidence of what is not met'))];
} // prettier-ignore

/** `path/of/file.test.ts: title`, written there as it is here, between quotes; or `path/of/page.md: heading`. */
function citeFaults(cited: string, read: Read): string[] {
  const [, path = '', title = ''] = /^(\S+): (.+)$/.exec(cited) ?? [];
  if (!/\.(test|spec)\.ts$|\.md$/.test(path)) return [`"${cited}" names no test and no page`];
  const text = read(path);
  if (text === null) return [`there is no ${path}`];
  const isThere = path.endsWith('.md')
    ? text.split('\n').some((line) => line.replace(/^#+ /, '') === title && line !== title)
    : ["'", '"', '`'].some((quote) => text.includes(quote + title + quote));
  return isThere ? [] : [`${path} has no "${title}"`];
}

const readHere: Read = (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null);
const rows = rowsOf(readHere('docs/asvs.csv') ?? '');

describe('docs/asvs.csv', () => {
  it('has every requirement of its chapters once', () => expect(listFaults(rows)).toEqual([]));
  it('cites tests and pages that are there, and says why where there are none', () =>
    expect(rows.flatMap((row) => rowFaults(row, readHere))).toEqual([]));
});

describe('its faults', () => {
  const [first, ...rest] = rows as [Row, ...Row[]];
  it('are a requirement that is missing, doubled, unknown or of another level', () => {
    expect(listFaults(rest)).toEqual(['V3: 18 requirements instead of 19']);
    expect(listFaults([first, ...rows])).toEqual(['V3.2.1: twice', 'V3: 20 requirements instead of 19']);
    expect(listFaults([{ ...first, requirement: 'V1.2.1' }, ...rest])).toEqual(['V1.2.1: unknown', 'V3: 18 requirements instead of 19']);
    expect(listFaults([{ ...first, requirement: 'V3.9.9' }, ...rest])).toHaveLength(1);
    expect(listFaults([{ ...first, level: '2' }, ...rest])).toHaveLength(1);
  });

  const read: Read = (path) => ({ 'a.test.ts': "it('holds', () => 1)", 'a.md': '# Held\n\nheld' })[path] ?? null;
  const of = (more: Partial<Row>) => rowFaults({ requirement: 'V0', level: '1', status: 'met', evidence: '', note: '', ...more }, read);
  it.each([
    ['another status', { status: 'Met', note: 'x' }],
    ['met by nothing', {}],
    ['a test that is not there', { evidence: 'b.test.ts: holds' }],
    ['a title that is not there', { evidence: 'a.test.ts: hold' }],
    ['one of two', { evidence: 'a.test.ts: holds | a.test.ts: falls' }],
    ['a heading that is none', { evidence: 'a.md: held' }],
    ['what is no test', { evidence: 'a.ts: holds' }],
    ['not met without a word', { status: 'not met' }],
    ['not applicable without a word', { status: 'n/a', note: ' ' }],
    ['not met, with evidence', { status: 'not met', note: 'x', evidence: 'a.test.ts: holds' }],
  ])('are %s', (_, more) => expect(of(more)).toHaveLength(1));

  it('are not what is cited rightly', () => {
    expect(of({ evidence: 'a.test.ts: holds | a.md: Held' })).toEqual([]);
    expect(of({ status: 'n/a', note: 'there is none' })).toEqual([]);
  });
});
