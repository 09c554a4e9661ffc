import type { DeviceId } from '../../../protocol/src/index.ts';
import type { Roster } from '../sealing/sealer.ts';
import { Asides } from './asides.ts';
import type { RoomContext } from './context.ts';
import { History, type HistoryHooks } from './history.ts';
import type { Inbox } from './inbox.ts';
import { Receipts } from './receipts.ts';
import { Repair, type RepairHooks } from './repair.ts';
import type { RoomLedger } from './room-ledger.ts';

/** So long is waited for the server to take the word to those who stay. */
const farewellMs = 3_000;

/** Words of before, to who lacks them (payloads.ts): a bundle, or a page of history. */
const gives = ([kind]: Uint8Array) => kind === 3 || kind === 5;

export type ExchangeHooks = Pick<RepairHooks, 'gap' | 'mended'> &
  Pick<HistoryHooks, 'shown'> & {
    roster: () => Roster | null;
    /** Devices of the group that are connected now, this one included. */
    online: () => DeviceId[];
    /** Somebody is in the group whom this person has not seen yet. */
    stranger: () => boolean;
  };

/** What a room's devices tell each other beside words: what has arrived, what is missing, what was said before one came, that one goes. */
export class Exchange {
  readonly receipts: Receipts;
  readonly repair: Repair;
  readonly history: History;
  readonly #asides: Asides;

  constructor(
    private readonly ctx: RoomContext,
    ledger: RoomLedger,
    private readonly inbox: Inbox,
    private readonly hooks: ExchangeHooks,
  ) {
    this.#asides = new Asides(ctx, hooks.roster);
    const send = (content: Uint8Array, devices: DeviceId[]) => this.#asides.send(content, devices);
    this.receipts = new Receipts(ctx, { authors: inbox.authors, send });
    // Everybody in the group could open what is given to one: nothing of before goes past somebody nobody has seen.
    const give = async (content: Uint8Array, devices: DeviceId[]) => !(gives(content) && hooks.stranger()) && send(content, devices);
    const { gap, mended, roster, online, shown } = hooks;
    const others = () => online().filter((device) => device !== ctx.me.device);
    this.repair = new Repair(ctx, { send: give, gap, mended, online: others }, inbox.authors);
    this.history = new History(ctx, ledger, inbox.authors, {
      roster,
      send: give,
      online,
      accept: (entry) => inbox.historic(entry),
      days: () => ledger.newcomersDays,
      show: (entry) => inbox.shown(entry),
      shown,
      complete: async () => this.allMoved(),
    });
  }

  /** After the authors were loaded. */
  load(): void {
    this.repair.load();
    this.receipts.oweAll();
  }

  /** An author's sequence moved, or has a hole now. */
  moved(device: DeviceId): void {
    this.receipts.owe(device);
    this.repair.judge(device);
  }
  allMoved(): void {
    this.inbox.authors.forEach((_, device) => this.moved(device));
  }

  /** Told to everybody in the group but these; resolves when they have it or the relay does, or after a while. */
  farewell(content: Uint8Array, but: ReadonlySet<DeviceId> = new Set()): Promise<void> {
    const devices = (this.hooks.roster()?.leaves ?? []).map(({ device }) => device);
    const told = devices.filter((device) => device !== this.ctx.me.device && !but.has(device));
    return this.#asides.settled(content, told, farewellMs);
  }

  stop(): void {
    this.receipts.stop();
    this.repair.stop();
    this.history.stop();
  }
}
