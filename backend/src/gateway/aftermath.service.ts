import { Injectable } from '@nestjs/common';
import type { Connection } from '../presence/connection.ts';
import { Presence } from '../presence/presence.service.ts';
import { Expiry } from '../relay/expiry.service.ts';

/** What follows when somebody has come in or gone. */
@Injectable()
export class Aftermath {
  constructor(
    private readonly presence: Presence,
    private readonly expiry: Expiry,
  ) {}

  async entered(connection: Connection): Promise<void> {
    const expired = await this.expiry.notices(connection.speaker!.user);
    if (expired) connection.tell(expired);
  }

  left(connection: Connection): void {
    this.presence.dismiss(connection);
  }
}
