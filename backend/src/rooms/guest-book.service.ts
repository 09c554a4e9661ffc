import { Inject, Injectable } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { network } from '../auth/network.ts';
import type { Queryable } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { Names } from '../users/names.service.ts';
import { Users, type Account } from '../users/users.service.ts';
import { randomSuffix } from './handoff-names.ts';

/** Guests at one time, from one network (an IPv4 address, an IPv6 /64) and in all. */
const PER_NETWORK = 20;
const IN_ALL = 500;
const LATER_MS = 60_000;

/** Accounts of guests: as few as are here now, by names that are nobody else's (ACC11). */
@Injectable()
export class GuestBook {
  constructor(
    private readonly users: Users,
    private readonly names: Names,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  async write(inside: Queryable, name: string, address: string): Promise<Account> {
    await this.names.alone(inside);
    const from = this.#from(address);
    await this.#requireRoom(inside, from);
    await this.names.requireFree(inside, name);
    let username: string;
    do username = `guest-${randomSuffix()}`;
    while (await this.names.isTaken(inside, username));
    const account = await this.users.create(inside, { username, displayName: name, passwordHash: null, role: 'user', origin: 'guest' });
    await inside.run('update account set claims = $2 where id = $1', [account.id, JSON.stringify({ from })]);
    return account;
  }

  async #requireRoom(inside: Queryable, from: string): Promise<void> {
    const [count] = await inside.rows<{ all: number; near: number }>(
      `select count(*)::int as all, (count(*) filter (where claims->>'from' = $1))::int as near from account where origin = 'guest'`,
      [from],
    );
    if (count!.near >= PER_NETWORK)
      throw new ConclaveError('slow-down', 'too many guests have come from your network: try later', LATER_MS);
    if (count!.all >= IN_ALL) throw new ConclaveError('server-full', 'there are too many guests at the moment: try later', LATER_MS);
  }

  /** Where somebody comes from, for counting only: nobody reads an address out of the database. */
  #from(address: string): string {
    return createHmac('sha256', this.secrets.mac)
      .update(`guest\0${network(address)}`)
      .digest('base64url');
  }
}
