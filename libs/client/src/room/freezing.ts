import { ConclaveError, MessageText, type Body, type Mid } from '../../../protocol/src/index.ts';
import type { RoomContext } from './context.ts';
import type { OutboxRow } from './rows.ts';
import { audienceOf, freeze } from './statement.ts';

/** Place in the author's sequence that the next entry follows. */
export type Head = { aseq: number; mid: Mid | '' };

/** A statement must fit an envelope also inside a bundle: 56 KiB less padding, signatures and ids. JSON may write one byte as six. */
const statementMax = 48 * 1024;

/** Throws ConclaveError `too-large` or `bad-request` for words that cannot be said. */
export function checkWords(body: Body): void {
  if (!('text' in body) || ('files' in body && body.files && body.text === '')) return;
  const result = MessageText.safeParse(body.text);
  if (result.success) return;
  const text = result.error.issues[0]?.message ?? 'This message cannot be sent.';
  throw new ConclaveError(text.includes('16 KiB') ? 'too-large' : 'bad-request', text);
}

/** Words with their number, predecessor and audience, never to change again (delivery.md D1). Throws ConclaveError `too-large`. */
export async function frozenRow(
  { room, me }: Pick<RoomContext, 'room' | 'me'>,
  said: Pick<OutboxRow, 'body' | 'at' | 'accounts' | 'ttl' | 'later'>,
  head: Head,
): Promise<OutboxRow> {
  const { body, at, accounts, ttl, later } = said;
  const aseq = head.aseq + 1;
  const audience = await audienceOf(accounts ?? []);
  const { mid, statement } = await freeze({
    room,
    device: me.device,
    aseq,
    prev: head.mid,
    audience,
    at,
    ...(ttl === undefined ? {} : { ttl }),
    ...(later ? { later } : {}),
    body,
  });
  if (statement.length > statementMax) throw new ConclaveError('too-large', 'This message has too many characters that cannot be shown.');
  return {
    mid,
    aseq,
    at,
    body,
    statement,
    accounts,
    anyway: false,
    sealed: null,
    remaining: [],
    held: [],
    acknowledged: [],
    failed: null,
    ...(ttl === undefined ? {} : { ttl }),
    ...(later ? { later } : {}),
  };
}

/** Rows said after one that was taken back: numbered anew, pointing to each other's new ids; what was about the one taken back goes too. */
export async function frozenAnew(
  ctx: Pick<RoomContext, 'room' | 'me'>,
  cancelled: Mid,
  rows: readonly OutboxRow[],
  from: Head,
): Promise<{ rows: OutboxRow[]; head: Head }> {
  const renamed = new Map<Mid, Mid>();
  const again: OutboxRow[] = [];
  let head = from;
  for (const row of rows) {
    if ('target' in row.body && row.body.target === cancelled) continue;
    const fresh = { ...(await frozenRow(ctx, { ...row, body: about(row.body, cancelled, renamed) }, head)), anyway: row.anyway };
    renamed.set(row.mid, fresh.mid);
    again.push(fresh);
    head = fresh;
  }
  return { rows: again, head: { aseq: head.aseq, mid: head.mid } };
}

function about(body: Body, cancelled: Mid, renamed: ReadonlyMap<Mid, Mid>): Body {
  if ('target' in body) return { ...body, target: renamed.get(body.target) ?? body.target };
  const { replyTo, ...rest } = body;
  return replyTo === undefined || replyTo === cancelled ? rest : { ...rest, replyTo: renamed.get(replyTo) ?? replyTo };
}
