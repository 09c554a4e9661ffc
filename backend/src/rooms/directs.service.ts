import { Injectable } from '@nestjs/common';
import { ConclaveError, limits, type RoomId, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { Blocks } from './blocks.service.ts';
import { Founding } from './founding.service.ts';
import type { RoomRow } from './room-row.ts';
import { Rooms } from './rooms.service.ts';

type Side = { id: UserId; origin: string; quiet: boolean; banned: boolean; directs: number };
type Known = { id: RoomId; members: UserId[] };

/** Conversations of two (ROOM5). There is one for each two people, without name, roles or invitations, and in nobody's list. */
@Injectable()
export class Directs {
  constructor(
    private readonly database: Database,
    private readonly rooms: Rooms,
    private readonly founding: Founding,
    private readonly blocks: Blocks,
  ) {}

  /** The one that there is, or a new one. Throws `not-found`, and `forbidden` with `no-directs` where the other takes none, which does not say why. */
  async open(user: UserId, other: UserId): Promise<RoomRow> {
    if (user === other) throw new ConclaveError('bad-request', 'user: a conversation needs two people');
    const { room, joined } = await this.database.transaction(async (inside) => {
      const { mine, theirs } = await this.#sides(inside, user, other);
      const known = await this.#known(inside, user, other);
      await this.#requireWelcome(inside, mine, theirs, known);
      const pair = [user, other].sort();
      const room = known?.id ?? (await this.founding.found(inside, { name: '', kind: 'direct', directUsers: pair }));
      const joined: UserId[] = [];
      for (const side of pair) if (await this.rooms.admit(inside, side, room)) joined.push(side);
      return { room, joined };
    });
    for (const side of joined) await this.rooms.tellJoined(room, side);
    return this.rooms.ofMember(room, user);
  }

  /** Both are held until the end: of two who begin at once, the second finds what the first began. */
  async #sides(inside: Queryable, user: UserId, other: UserId): Promise<{ mine: Side; theirs: Side }> {
    const sides = await inside.rows<Side>(
      `select id, origin, status = 'dnd' as quiet,
         exists (select 1 from ban b where b.account = account.id and b.room is null and (b.until is null or b.until > $2)) as banned, (select count(*)::int from membership m join room r on r.id = m.room
         where m.account = account.id and r.kind = 'direct') as directs from account where id = any($1) order by id for no key update`,
      [[user, other], Date.now()],
    );
    const [mine, theirs] = [user, other].map((id) => sides.find((side) => side.id === id));
    if (!mine || !theirs) throw new ConclaveError('not-found', 'there is nobody of this id');
    return { mine, theirs };
  }

  async #known(inside: Queryable, user: UserId, other: UserId): Promise<Known | undefined> {
    const [known] = await inside.rows<Known>(
      `select r.id, array(select account from membership where room = r.id) as members from room r where r.direct_users = $1`,
      [[user, other].sort()],
    );
    return known;
  }

  /** A conversation that both are in goes on whatever anybody's status; but for a block nothing is asked then. */
  async #requireWelcome(inside: Queryable, mine: Side, theirs: Side, known: Known | undefined): Promise<void> {
    const block = await this.blocks.between(inside, mine.id, theirs.id);
    if (block.mine) throw new ConclaveError('forbidden', 'you have blocked this person: unblock them first', undefined, 'blocked');
    const goesOn = known?.members.includes(theirs.id) === true;
    if (block.theirs || (!goesOn && (theirs.quiet || theirs.banned || theirs.directs >= limits.directsPerUser)))
      throw new ConclaveError('forbidden', 'this person takes no direct messages now', undefined, 'no-directs');
    if (goesOn) return;
    if (mine.origin === 'guest') throw new ConclaveError('forbidden', 'guests begin no conversations: make an account first');
    if (mine.directs >= limits.directsPerUser)
      throw new ConclaveError('conflict', `you are in ${limits.directsPerUser} conversations, and that is the most: leave one first`);
  }
}
