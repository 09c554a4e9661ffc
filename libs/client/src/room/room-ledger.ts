import type { RoomContext } from './context.ts';
import type { Mid, RoomSettings, RoomSummary, UserId } from '../../../protocol/src/index.ts';
import { keys, type EntryRow, type RoomAbout, type RoomRow } from './rows.ts';

const emptyRow: RoomRow = { name: '', topic: '', unread: 0, last: null, draft: '', left: null };
/** Until the server has told. */
const unknown: RoomAbout = {
  kind: 'open',
  icon: null,
  for: null,
  slug: null,
  settings: { disappearAfterMs: null, retentionDays: null, newcomersDays: null, welcome: [], passwordVersion: 0 },
  with: null,
};
const previewLength = 120;

export function aboutOf({ kind, icon, for: whom, slug }: RoomSummary, settings: RoomSettings, other: UserId | null): RoomAbout {
  return { kind, icon, for: whom, slug, settings, with: other };
}

/** The one row about a room: what its line in the list says, what is unread, what was being written. */
export class RoomLedger {
  row: RoomRow = emptyRow;

  constructor(private readonly ctx: RoomContext) {}

  get about(): RoomAbout {
    return this.row.about ?? unknown;
  }

  /** Null also where a conversation is between two, or its messages vanish: there nobody comes later, or nothing is left to show. */
  get newcomersDays(): number | null {
    const { kind, settings } = this.about;
    return kind === 'direct' || settings.disappearAfterMs !== null ? null : (settings.newcomersDays ?? null); // absent in what an earlier version stored
  }

  async read(): Promise<void> {
    if (this.row.unread > 0 || this.row.mentions) await this.save({ unread: 0, mentions: 0 });
  }

  async load(): Promise<void> {
    this.row = (await this.ctx.store.get<RoomRow>('rooms', this.ctx.room)) ?? emptyRow;
  }

  async save(change: Partial<RoomRow>): Promise<void> {
    this.row = { ...this.row, ...change };
    await this.ctx.store.write([{ table: 'rooms', key: this.ctx.room, value: this.row }]);
  }

  /** The words of the line have vanished. */
  async vanished(mid: Mid): Promise<void> {
    const { last } = this.row;
    if (last?.mid === mid) await this.save({ last: null });
  }

  /** Somebody speaks to this person: by name, or with nobody else there. */
  calls(body: EntryRow['body']): boolean {
    return body.kind === 'text' && (this.about.kind === 'direct' || body.mentions?.includes(this.ctx.me.user) === true);
  }

  /** An entry has its place: others' texts are unread, the newest text is the line's, and what its author makes of it later. */
  async placed({ mid, user, order, body }: EntryRow, historic: boolean): Promise<void> {
    const { last, unread, mentions = 0 } = this.row;
    const me = this.ctx.me.user;
    if (body.kind === 'text') {
      const newest = !last || order.ms >= last.at;
      const text = (body.text || (body.files?.[0]?.name ?? '')).slice(0, previewLength);
      return this.save({
        ...(user === me || historic ? {} : { unread: unread + 1, mentions: mentions + (this.calls(body) ? 1 : 0) }),
        ...(newest ? { last: { user, text, at: order.ms, mid } } : {}),
      });
    }
    if (body.kind === 'react' || !last || last.mid !== body.target || last.user !== user) return;
    const { target } = body;
    const operations = await this.ctx.store.range<EntryRow>('operations', { prefix: keys.operations(this.ctx.room, target) });
    const deleted = operations.some(({ value }) => value.body.kind === 'delete' && value.user === user);
    await this.save({ last: { ...last, text: deleted || body.kind === 'delete' ? '' : body.text.slice(0, previewLength) } });
  }
}
