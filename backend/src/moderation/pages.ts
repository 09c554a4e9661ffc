import { ConclaveError } from '../../../libs/protocol/src/index.ts';

/** Lines of a list are in order of their age; a page begins after the last line of the one before, however many there are. */
export type Cursor = [at: number, id: string];

/** Of this server's own making: `created_at.id`. Anything else is refused, never passed on to the database. */
export function readCursor(cursor: string | undefined): Cursor | null {
  if (cursor === undefined) return null;
  const [, at, id] = /^(\d{1,15})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(cursor) ?? [];
  if (at === undefined || id === undefined) throw new ConclaveError('bad-request', 'cursor: take it from the page before');
  return [Number(at), id];
}

/** One line more than the page was asked for: it is not shown, but says that there is another page. */
export function pageOf<T extends { id: string; createdAt: number }>(rows: T[], limit: number): { shown: T[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { shown, next: last ? `${last.createdAt}.${last.id}` : null };
}

/** What somebody typed, as a pattern that matches it anywhere, literally. */
export function patternOf(q: string): string {
  if (q.includes('\0')) throw new ConclaveError('bad-request', 'q: must not contain NUL');
  return `%${q
    .trim()
    .normalize('NFC')
    .replaceAll(/[\\%_]/g, '\\$&')}%`;
}
