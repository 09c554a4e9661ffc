import type { RoomContext } from './context.ts';
import { keys, type EntryRow, type RoomRow } from './rows.ts';

const emptyRow: RoomRow = { name: '', topic: '', unread: 0, last: null, draft: '', left: null };
const previewLength = 120;

/** The one row about a room: what its line in the list says, what is unread, what was being written. */
export class RoomLedger {
  row: RoomRow = emptyRow;

  constructor(private readonly ctx: RoomContext) {}

  async load(): Promise<void> {
    this.row = (await this.ctx.store.get<RoomRow>('rooms', this.ctx.room)) ?? emptyRow;
  }

  async save(change: Partial<RoomRow>): Promise<void> {
    this.row = { ...this.row, ...change };
    await this.ctx.store.write([{ table: 'rooms', key: this.ctx.room, value: this.row }]);
  }

  /** An entry has its place: others' texts are unread, the newest text is the line's, and what its author makes of it later. */
  async placed({ mid, user, order, body }: EntryRow, historic: boolean): Promise<void> {
    const { last, unread } = this.row;
    if (body.kind === 'text') {
      const newest = !last || order.ms >= last.at;
      const text = body.text.slice(0, previewLength);
      return this.save({
        unread: user === this.ctx.me.user || historic ? unread : unread + 1,
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
