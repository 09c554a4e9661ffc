import { Injectable } from '@nestjs/common';
import { toBase64url, type RoomId, type SignedAct, type UserId } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { RoleCertificates } from '../rooms/role-certificates.service.ts';
import { signedAct, type KeptAct } from './tidings.service.ts';

type Row = Pick<KeptAct, 'id' | 'statement' | 'signature' | 'certificate'>;

/** Mutes and rules first: members keep them, while bans are kept here. */
const TOLD = 200;
const TOLD_BYTES = 24 * 1024;
const BESIDE = 64 + 110; // signature and certificate

/** How a room stands for somebody who joins it: what they may say of themselves, and what holds there. */
@Injectable()
export class Standing {
  constructor(
    private readonly database: Database,
    private readonly certificates: RoleCertificates,
  ) {}

  async certificate(room: RoomId, user: UserId): Promise<string | null> {
    const certificate = await this.certificates.of(room, user);
    return certificate && toBase64url(certificate);
  }

  /** Mutes, rules and bans of this room, and those on the whole site of its members: as many of the newest as one frame can bear. */
  async acts(room: RoomId): Promise<SignedAct[]> {
    const rows = await this.database.rows<Row>(
      `select id, act, statement, signature, certificate from (
         select id, act, statement, signature, certificate from moderation_act
           where room = $1 and ended_at is null and (until is null or until > $2) and account is not null
         union all
         select a.id, a.act, a.statement, a.signature, a.certificate from membership m
           join moderation_act a on a.account = m.account and a.room is null and a.ended_at is null and (a.until is null or a.until > $2)
           where m.room = $1) as held
       order by act = 'ban', id desc limit ${TOLD}`,
      [room, Date.now()],
    );
    let bytes = 0;
    const told = rows.filter(({ statement }) => (bytes += statement.length + BESIDE) <= TOLD_BYTES);
    return told.sort((a, b) => a.id - b.id).map(signedAct);
  }
}
