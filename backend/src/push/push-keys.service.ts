import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import webPush from 'web-push';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';

/** What a push service knows this server by (VAPID, RFC 8292): base64url keys, and whom to write to when something is wrong. */
export type Vapid = { publicKey: string; privateKey: string; subject: string };

/** Made at first start and kept: subscriptions hold for these keys only. Of several servers that begin at once, one makes them. */
@Injectable()
export class PushKeys implements OnModuleInit {
  #vapid: Vapid | null = null;

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    const { push } = this.config;
    if (!push.on) return;
    this.#vapid = { ...(push.keys ?? (await this.#kept())), subject: push.subject };
  }

  /** Null where the operator switched push off. */
  get vapid(): Vapid | null {
    return this.#vapid;
  }

  async #kept(): Promise<Omit<Vapid, 'subject'>> {
    const known = () =>
      this.database.rows<Omit<Vapid, 'subject'>>(
        `select public_key as "publicKey", private_key as "privateKey" from push_key where id = 1`,
      );
    const [there] = await known();
    if (there) return there;
    const { publicKey, privateKey } = webPush.generateVAPIDKeys();
    await this.database.run('insert into push_key (id, public_key, private_key, made_at) values (1, $1, $2, $3) on conflict do nothing', [
      publicKey,
      privateKey,
      Date.now(),
    ]);
    return (await known())[0]!;
  }
}
