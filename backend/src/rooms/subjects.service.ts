import { Injectable } from '@nestjs/common';
import type { Role, UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { auditAbout } from '../users/audit.ts';
import { skeleton } from '../users/confusable.ts';
import { Names } from '../users/names.service.ts';
import { Users, type Account } from '../users/users.service.ts';
import { displayNameOf, displayWithSuffix, randomSuffix, suffixOf, usernameOf, withSuffix } from './handoff-names.ts';

/** Who a site speaks of. */
export type Subject = { issuer: string; subject: string };
/** What a site says of them. Undefined stays as it was. */
export type Said = {
  nick?: string | undefined;
  url?: string | null | undefined;
  op?: boolean | undefined;
  vip?: boolean | undefined;
  rules?: Record<string, boolean> | undefined;
  rooms?: string[] | undefined;
};
/** Kept beside the account (`account.claims`); `img` is the address whose picture was taken. */
export type Claims = Omit<Said, 'nick' | 'url'> & { img?: string };
type Known = { id: UserId; role: Role; claims: Claims };
export type Taken = { account: Account; roleChanged: boolean; shownChanged: boolean };

/**
 * Accounts of people who come from an embedding site. An account is theirs by issuer and subject and by nothing else: no name, however equal,
 * leads into somebody's account. Call inside `HandoffUses.alone`.
 */
@Injectable()
export class Subjects {
  constructor(
    private readonly users: Users,
    private readonly names: Names,
  ) {}

  async find(inside: Queryable, { issuer, subject }: Subject): Promise<Known | null> {
    const rows = await inside.rows<Known>('select id, role, claims from account where issuer = $1 and subject = $2 for no key update', [
      issuer,
      subject,
    ]);
    return rows[0] ?? null;
  }

  /** The account of whoever came, made where there is none. */
  async take(inside: Queryable, who: Subject, said: Said): Promise<Taken> {
    const known = (await this.find(inside, who)) ?? (await this.#make(inside, who, said.nick));
    return this.amend(inside, who, known, said);
  }

  async amend(inside: Queryable, who: Subject, known: Known, { nick, url, ...claims }: Said): Promise<Taken> {
    const before = await this.users.byId(known.id, inside);
    const role = roleAfter(known, claims.op);
    if (role !== known.role) await auditAbout(inside, null, 'role-changed', known.id);
    const displayName = nick === undefined ? null : await this.#displayName(inside, who, nick, known.id);
    await inside.run(
      `update account set role = $2, claims = claims || $3::jsonb, display_name = coalesce($4, display_name), display_looks = coalesce($5, display_looks),
         link = case when $6 then $7 else link end where id = $1`,
      [known.id, role, JSON.stringify(claims), displayName, displayName && skeleton(displayName), url !== undefined, url ?? null],
    );
    const account = await this.users.byId(known.id, inside);
    return { account, roleChanged: role !== known.role, shownChanged: account.displayName !== before.displayName };
  }

  async #make(inside: Queryable, who: Subject, nick: string | undefined): Promise<Known> {
    const username = await this.#username(inside, who);
    const displayName = await this.#displayName(inside, who, nick ?? who.subject, null);
    const { id } = await this.users.create(inside, {
      username,
      displayName,
      passwordHash: null,
      role: 'user',
      origin: 'handoff',
      handedOver: who,
    });
    return { id, role: 'user', claims: {} };
  }

  async #username(inside: Queryable, { issuer, subject }: Subject): Promise<string> {
    await this.names.alone(inside);
    const plain = usernameOf(subject);
    for (let name = plain, suffix = suffixOf(issuer, subject); ; name = withSuffix(plain, suffix), suffix = randomSuffix())
      if (!this.names.isReserved(name) && !(await this.names.isTaken(inside, name))) return name;
  }

  /** The site answers for its own people: two of them may have one name. Nobody may look like those of other doors, or like who has a say here. */
  async #displayName(inside: Queryable, { issuer, subject }: Subject, text: string, self: UserId | null): Promise<string> {
    await this.names.alone(inside);
    const name = displayNameOf(text) ?? displayNameOf(subject) ?? usernameOf(subject);
    const others = await inside.rows(
      `select 1 from account where (username_looks = $1 or display_looks = $1) and id is distinct from $2::uuid
         and (issuer is distinct from $3 or role <> 'user') limit 1`,
      [skeleton(name), self, issuer],
    );
    return others.length > 0 || this.names.isReserved(name) ? displayWithSuffix(name, suffixOf(issuer, subject)) : name;
  }
}

/** `op` makes a moderator, never an administrator; its loss takes away what it gave, and nothing that was given here. */
function roleAfter({ role, claims }: Known, op: boolean | undefined): Role {
  if (op === undefined || role === 'admin') return role;
  if (op) return 'moderator';
  return claims.op === true ? 'user' : role;
}
