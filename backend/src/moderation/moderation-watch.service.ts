import { Injectable, Logger, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { kept, Tidings, type KeptAct } from './tidings.service.ts';

const EVERY_MS = 500;
/** An act with a smaller number may be committed after one with a larger: no transaction is allowed to last longer. */
const OVERLAP_MS = 30_000;
const AT_ONCE = 200;

/** Hears what moderators did through other servers on this database, twice a second: whoever is cut off there is cut off here. */
@Injectable()
export class ModerationWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #logger = new Logger(ModerationWatch.name);
  /** Acts that were heard, and when; none below `#floor` is looked at again. */
  readonly #heard = new Map<number, number>();
  #floor: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(
    private readonly database: Database,
    private readonly tidings: Tidings,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.#floor = await this.#last();
    this.#timer = setInterval(() => {
      this.#looking ??= this.#quietly().finally(() => (this.#looking = null));
    }, EVERY_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
  }

  /** An act that this server is committing itself, and will tell itself. */
  own(id: number): void {
    this.#heard.set(id, Date.now());
  }

  /** Looks once, now. */
  async look(): Promise<void> {
    const now = Date.now();
    const acts = await this.database.rows<KeptAct>(
      `select ${kept} from moderation_act where id > $1 and id <> all($2::bigint[]) and account is not null order by id limit ${AT_ONCE}`,
      [this.#floor ?? 0, [...this.#heard.keys()]],
    );
    for (const act of acts) {
      if (this.#heard.has(act.id)) continue; // its own, committed while this was asked
      this.#heard.set(act.id, now);
      await this.tidings.bring(act);
    }
    this.#settle(now);
  }

  #settle(now: number): void {
    const old = [...this.#heard].filter(([, at]) => at < now - OVERLAP_MS).map(([id]) => id);
    this.#floor = Math.max(this.#floor ?? 0, ...old);
    for (const id of this.#heard.keys()) if (id <= this.#floor) this.#heard.delete(id);
  }

  async #last(): Promise<number> {
    const [row] = await this.database.rows<{ last: number | null }>('select max(id) as last from moderation_act');
    return row?.last ?? 0;
  }

  /** While the database is away nobody does anything there; what was done is heard afterwards. The database itself says that it is away. */
  async #quietly(): Promise<void> {
    try {
      await this.look();
    } catch (error) {
      if (!(error instanceof ConclaveError && error.code === 'unavailable')) this.#logger.error(error);
    }
  }
}
