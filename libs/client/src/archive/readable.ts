import type { RoomId } from '../../../protocol/src/index.ts';
import { fold } from '../room/timeline.ts';
import type { Store } from '../storage/store.ts';
import type { ReadableFormat } from './contract.ts';
import { operationsOn, pagesBack } from './page.ts';

type Names = (user: string) => string;
type Line = { room: string; at: string; author: string; text: string; files: string[]; edited: boolean };

/**
 * What one can read on the screen, as a file that anybody can read: without signatures, keys, or what was deleted. Newest first, room by room. JSON
 * is one array of messages; Markdown one heading for each room. What vanishes or was said in private is not in it.
 */
export async function* readable(
  store: Store,
  format: ReadableFormat,
  rooms: { id: RoomId; name: string }[],
  name: Names,
): AsyncGenerator<string> {
  if (format === 'json') yield '[';
  let first = true;
  for (const { id, name: room } of rooms) {
    if (format === 'markdown') yield `# ${escaped(room)}\n\n`;
    for await (const lines of linesOf(store, id, room, name)) {
      if (format === 'markdown') yield lines.map(paragraph).join('');
      else if (lines.length > 0) {
        yield (first ? '\n' : ',\n') + lines.map((line) => JSON.stringify(line)).join(',\n');
        first = false;
      }
    }
  }
  if (format === 'json') yield '\n]\n';
}

async function* linesOf(store: Store, id: RoomId, room: string, name: Names): AsyncGenerator<Line[]> {
  for await (const rows of pagesBack(store, id)) {
    const lines: Line[] = [];
    for (const row of rows) {
      if (row.private !== undefined || row.ttl !== undefined) continue;
      const item = fold('', row, await operationsOn(store, id, row), { user: '' }, name);
      if (!item || item.deleted) continue;
      const { author, text, edited, files, orderedAt } = item;
      lines.push({ room, at: new Date(orderedAt).toISOString(), author: author.name, text, files: files.map((file) => file.name), edited });
    }
    yield lines;
  }
}

function paragraph({ at, author, text, files, edited }: Line): string {
  const quoted = text.split('\n').map((line) => `> ${line}`.trimEnd()).join('\n'); // prettier-ignore
  const attached = files.map((file) => `> 📎 ${escaped(file)}\n`).join('');
  return `**${escaped(author)}**, ${at}${edited ? ' (edited)' : ''}\n\n${text ? `${quoted}\n` : ''}${attached}\n`;
}

/** Names are words, not Markdown. */
const escaped = (name: string) => name.replaceAll(/[\\`*_[\]<>#]/g, (sign) => `\\${sign}`).replaceAll(/\s+/g, ' ');
