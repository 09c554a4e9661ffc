import { ConclaveError, NewReport, toBase64url, type Mid, type ReportedMessage, type ReportReason } from '../../../protocol/src/index.ts';
import type { Table } from '../storage/store.ts';
import type { RoomContext } from './context.ts';
import { keys, type EntryRow } from './rows.ts';

export type Disclosure = { text: string; message: ReportedMessage };

/**
 * Reports (MOD3). A report discloses exactly what its author's device signed: with the franking key inside, the server checks that this device wrote
 * these words in this room, and nothing else of the room is opened to it.
 */
export class Reports {
  constructor(private readonly ctx: RoomContext) {}

  /** What a report of these would hand over. Throws ConclaveError `not-found` for one that is not here, `conflict` for private words. */
  disclose(mids: Mid[]): Promise<Disclosure[]> {
    return Promise.all(mids.map((mid) => this.#one(mid)));
  }

  async send(mids: Mid[], reason: ReportReason, note: string): Promise<void> {
    const messages = (await this.disclose(mids)).map(({ message }) => message);
    await this.ctx.rest.as('POST', '/api/reports', NewReport, { json: { room: this.ctx.room, reason, note, messages } });
  }

  async #one(mid: Mid): Promise<Disclosure> {
    const { store, room } = this.ctx;
    const place = await store.get<{ table: Table; key: string }>('mids', keys.mid(room, mid));
    const row = place && (await store.get<EntryRow>(place.table, place.key));
    if (!row || row.body.kind !== 'text') throw new ConclaveError('not-found', 'This message is not stored here any more.');
    if (row.private)
      throw new ConclaveError('conflict', 'What was said in a private conversation cannot be reported: nobody moderates there.');
    const { device, order, signature, statement, body } = row;
    return { text: body.text, message: { device, order, signature: toBase64url(signature), statement: toBase64url(statement) } };
  }
}
