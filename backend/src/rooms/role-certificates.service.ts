import { Inject, Injectable } from '@nestjs/common';
import {
  encodeRoleCertificate,
  roleStatement,
  type RoleCertificate,
  type Role,
  type RoomId,
  type RoomKind,
  type RoomRole,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import { Database, type Queryable } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';

const LIFE_MS = 24 * 3_600_000;
/** Clocks differ a little. */
const EARLIER_MS = 60_000;
type Row = { site: Role; here: RoomRole | null; kind: RoomKind | null };
type Standing = Pick<RoleCertificate, 'room' | 'role'>;

/** Says to other members, by the server's signature, that somebody has a role (MOD1): what they sign as moderators is worth nothing without. */
@Injectable()
export class RoleCertificates {
  constructor(
    private readonly database: Database,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  /**
   * The highest that somebody may show in a room, or (null) on the whole site: the site's role stands above a room's. Null for everybody else, and in
   * direct conversations, where nobody has a say.
   */
  async of(room: RoomId | null, user: UserId, inside: Queryable = this.database): Promise<Uint8Array | null> {
    const [row] = await inside.rows<Row>(
      `select a.role as site, m.role as here, r.kind from account a left join room r on r.id = $1
         left join membership m on m.room = r.id and m.account = a.id where a.id = $2`,
      [room, user],
    );
    const standing = row && row.kind !== 'direct' ? standingOf(row, room) : null;
    return standing ? this.#sign({ ...standing, user }) : null;
  }

  #sign(standing: Standing & { user: UserId }): Uint8Array {
    const now = Date.now();
    const certificate = { ...standing, issuedAt: now - EARLIER_MS, expiresAt: now + LIFE_MS };
    return encodeRoleCertificate(certificate, this.secrets.server.sign(roleStatement(certificate)));
  }
}

function standingOf({ site, here }: Row, room: RoomId | null): Standing | null {
  if (site !== 'user') return { room: null, role: site === 'admin' ? 'owner' : 'moderator' };
  return here === 'owner' || here === 'moderator' ? { room, role: here } : null;
}
