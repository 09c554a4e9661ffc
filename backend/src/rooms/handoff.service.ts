import { Injectable } from '@nestjs/common';
import { ConclaveError, type RoomId, type SubjectChange, type UserId } from '../../../libs/protocol/src/index.ts';
import { HandoffTokens } from '../auth/handoff/handoff-tokens.service.ts';
import { HandoffUses } from '../auth/handoff/handoff-uses.service.ts';
import type { HandedOver } from '../auth/handoff/claims.ts';
import { Sessions, type Opened } from '../auth/sessions.service.ts';
import { Database, type Queryable } from '../database/database.ts';
import { auditAbout } from '../users/audit.ts';
import { Users } from '../users/users.service.ts';
import { HandoffRooms } from './handoff-rooms.service.ts';
import { Pictures } from './pictures.service.ts';
import { Subjects, type Subject, type Taken } from './subjects.service.ts';

type Changed = Taken & { joined: RoomId[]; ended: () => void };

/** People come in from an embedding site by a signed token, and the site amends what it said of them (ACC10). */
@Injectable()
export class Handoff {
  // Three more than five: a door, who comes through it, and what follows.
  constructor(
    private readonly database: Database,
    private readonly tokens: HandoffTokens,
    private readonly uses: HandoffUses,
    private readonly subjects: Subjects,
    private readonly sessions: Sessions,
    private readonly rooms: HandoffRooms,
    private readonly pictures: Pictures,
    private readonly users: Users,
  ) {}

  /** Throws `bad-token` with its reason, or `account-locked`. The token is used up whatever follows. */
  async enter(jwt: string, agent: string | undefined): Promise<Opened> {
    const token = await this.tokens.verify(jwt);
    await this.uses.spend(token);
    const { opened, changed } = await this.database.transaction(async (inside) => {
      await this.uses.alone(inside, token.issuer, token.subject);
      await this.uses.requireStanding(inside, token);
      const taken = await this.subjects.take(inside, token, saidAtSignIn(token));
      const changed = await this.#follow(inside, taken, token.rooms);
      return { changed, opened: await this.sessions.open(inside, taken.account, { method: 'handoff', agent }) };
    });
    await this.#tell(changed);
    this.pictures.take(changed.account.id, token.img);
    return opened;
  }

  /** Effective at once. Throws `not-found` where nobody has come of whom the site speaks. */
  async amend(actor: UserId, who: Subject, change: SubjectChange): Promise<void> {
    const changed = await this.database.transaction(async (inside) => {
      await this.uses.alone(inside, who.issuer, who.subject);
      const known = await this.subjects.find(inside, who);
      if (!known) throw new ConclaveError('not-found', 'nobody of this issuer and subject has signed in here');
      await auditAbout(inside, actor, 'handoff-amended', known.id);
      return this.#follow(inside, await this.subjects.amend(inside, who, known, change), change.rooms);
    });
    await this.#tell(changed);
  }

  /** A changed role ends the sessions that had the old one. */
  async #follow(inside: Queryable, taken: Taken, rooms: string[] | undefined): Promise<Changed> {
    const { id } = taken.account;
    const ended = taken.roleChanged ? await this.sessions.endAllOf(inside, id) : () => undefined;
    const reviewed = await this.users.rightsChanged(inside, id);
    const after = () => {
      ended();
      reviewed();
    };
    return { ...taken, ended: after, joined: await this.rooms.admit(inside, taken.account.id, rooms ?? []) };
  }

  async #tell({ account, shownChanged, joined, ended }: Changed): Promise<void> {
    ended();
    await this.rooms.tell(account.id, joined, shownChanged);
  }
}

/** A flag that a token does not name is off; anything else it does not name stays. */
function saidAtSignIn({ nick, url, op, vip, rules, rooms }: HandedOver) {
  return { nick, url, op: op ?? false, vip: vip ?? false, rules: rules ?? {}, rooms: rooms ?? [] };
}
