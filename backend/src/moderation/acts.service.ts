import { Inject, Injectable, Logger } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import {
  actStatement,
  ConclaveError,
  type ActRequest,
  type ModerationAct,
  type RoomId,
  type SiteActRequest,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { isDuplicate } from '../database/failures.ts';
import { RoleCertificates } from '../rooms/role-certificates.service.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { auditAbout, type Act } from '../users/audit.ts';
import type { Caller } from '../users/caller.ts';
import { Effects, type Effect } from './effects.service.ts';
import { judge } from './grounds.ts';
import { ModerationWatch } from './moderation-watch.service.ts';
import { readAct, type ReadAct } from './read-act.ts';
import { kept, Tidings, type KeptAct } from './tidings.service.ts';

const logged: Record<ModerationAct, Act> = {
  kick: 'member-kicked',
  ban: 'member-banned',
  unban: 'member-unbanned',
  mute: 'member-muted',
  unmute: 'member-unmuted',
  rules: 'member-ruled',
};

/** Where acts become known: here at once, at other servers by their watch. */
@Injectable()
export class Proclaimer {
  readonly #logger = new Logger('moderation');

  constructor(
    private readonly tidings: Tidings,
    private readonly watch: ModerationWatch,
  ) {}

  /** Call before the commit. */
  own(act: KeptAct): void {
    this.watch.own(act.id);
  }

  /** What goes wrong here must not undo what has happened. */
  async proclaim(act: KeptAct, then: () => void): Promise<void> {
    const told = this.tidings.tell(act).catch((error: unknown) => this.#logger.error(error));
    then();
    await told;
  }
}

/** Does what moderators say (MOD1): the effect, the act as it was signed, and its line in the audit log are one transaction. */
@Injectable()
export class Acts {
  constructor(
    private readonly database: Database,
    private readonly effects: Effects,
    private readonly certificates: RoleCertificates,
    private readonly proclaimer: Proclaimer,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /** Throws `bad-request`, `forbidden`, `not-found` or `conflict`; then nothing was done. */
  async byPerson(caller: Caller, room: RoomId | null, request: ActRequest): Promise<void> {
    await this.#do(caller, (inside) => readAct(inside, caller, room, request));
  }

  /** What a program of the embedding site asks for is signed by the server itself. */
  async bySite(caller: Caller, request: SiteActRequest): Promise<void> {
    if (!caller.token) throw new ConclaveError('forbidden', 'this is for programs; people sign their acts with a device of theirs');
    const statement = {
      v: 1 as const,
      ...request,
      reason: request.reason ?? '',
      by: caller.user,
      device: null,
      at: Date.now(),
      nonce: randomBytes(16).toString('base64url'),
    };
    const bytes = new TextEncoder().encode(JSON.stringify(statement));
    const signature = this.secrets.server.sign(actStatement(bytes));
    await this.#do(caller, () => Promise.resolve({ statement, bytes, signature }));
  }

  async #do(caller: Caller, read: (inside: Queryable) => Promise<ReadAct>): Promise<void> {
    const { act, after } = await this.database.transaction(async (inside) => {
      const signed = await read(inside);
      const target = await judge(inside, caller, signed.statement);
      const effect = await this.effects.of(inside, caller, signed.statement, target);
      const act = await this.#keep(inside, caller, signed, effect);
      const { act: kind, room, user, until } = signed.statement;
      const detail = {
        ...(room === null ? {} : { room }),
        ...(until === undefined ? {} : { until }),
        ...(caller.token ? { program: true } : {}),
      };
      await auditAbout(inside, caller.user, logged[kind], user, detail);
      this.proclaimer.own(act);
      return { act, after: effect.after };
    });
    await this.proclaimer.proclaim(act, after);
  }

  async #keep(inside: Queryable, caller: Caller, { statement, bytes, signature }: ReadAct, { rooms, holds }: Effect): Promise<KeptAct> {
    const { room, user, act, until = null, device } = statement;
    const certificate = device === null ? new Uint8Array() : ((await this.certificates.of(room, caller.user, inside)) ?? new Uint8Array());
    const now = Date.now();
    try {
      const [row] = await inside.rows<KeptAct>(
        `insert into moderation_act (room, account, act, until, statement, signature, certificate, at, ended_at, made_by, rooms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) returning ${kept}`,
        [room, user, act, until, bytes, signature, certificate, now, holds ? null : now, caller.user, rooms],
      );
      return row!;
    } catch (error) {
      if (isDuplicate(error)) throw new ConclaveError('conflict', 'this act was done already: sign another');
      throw error;
    }
  }
}
