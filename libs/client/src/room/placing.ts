import type { Agreement } from './agreement.ts';
import type { RoomContext } from './context.ts';
import type { Exchange } from './exchange.ts';
import type { HouseRules } from './house-rules.ts';
import type { Page } from './page.ts';
import type { RoomLedger } from './room-ledger.ts';
import type { EntryRow } from './rows.ts';
import type { Typing } from './typing.ts';

type Parts = { agreement: Agreement; exchange: Exchange; rules: HouseRules; typing: Typing; page: Page; ledger: RoomLedger };

/** An entry was stored, and has its place in the order: everybody to whom that means something learns of it. */
export class Placing {
  constructor(
    private readonly ctx: RoomContext,
    private readonly parts: Parts,
  ) {}

  async placed(key: string, row: EntryRow, historic = false): Promise<void> {
    const { agreement, exchange, rules, typing, page } = this.parts;
    agreement.wordsMoved();
    if (!historic) await exchange.history.late(row);
    rules.placed(row);
    typing.over(row.user);
    await page.placed(key, row, historic);
    await this.#files(row, historic);
    if (!historic) this.#hear(row);
  }

  async #files(row: EntryRow, historic: boolean): Promise<void> {
    const { files, me, room } = this.ctx;
    const { mid, user, device, body } = row;
    if (body.kind === 'delete') return files.gone(body.target, user);
    if (body.kind !== 'text' || !body.files || device === me.device || historic) return;
    if (this.parts.rules.hidden(row) === null) await files.heard(room, mid, user, body.files);
  }

  /** What others say now, and are let say here, is worth a sound. */
  #hear(row: EntryRow): void {
    const { mid, user: author, body } = row;
    const { me, people, room } = this.ctx;
    if (body.kind !== 'text' || author === me.user || this.parts.rules.hidden(row) !== null) return;
    const mentioned = this.parts.ledger.calls(body);
    this.ctx.heard({ kind: 'message', room, mid, author, name: people.name(author), text: body.text, mentioned });
  }
}
