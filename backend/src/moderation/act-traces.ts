import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { actStatement, ModerationStatement, type UserId } from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { AccountRemoval } from '../users/account-removal.service.ts';

const NOBODY: UserId = '00000000-0000-0000-0000-000000000000';
type Row = { id: number; statement: Uint8Array };

/**
 * What a moderator did outlives their account, but not who they were (ACC13): what still holds is said anew by the server, by nobody, and signed with its
 * own key; what holds no more is forgotten.
 */
@Injectable()
export class ActTraces implements OnModuleInit {
  constructor(
    private readonly removal: AccountRemoval,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  onModuleInit(): void {
    this.removal.onRemoved((inside, user) => this.#wipe(inside, user));
  }

  async #wipe(inside: Queryable, user: UserId): Promise<() => void> {
    await inside.run('delete from moderation_act where made_by = $1 and ended_at is not null', [user]);
    const holding = await inside.rows<Row>('select id, statement from moderation_act where made_by = $1 order by id for update', [user]);
    for (const { id, statement } of holding) {
      const said = ModerationStatement.parse(JSON.parse(new TextDecoder().decode(statement)));
      const bytes = new TextEncoder().encode(JSON.stringify({ ...said, by: NOBODY, device: null }));
      await inside.run(`update moderation_act set statement = $2, signature = $3, certificate = '', made_by = null where id = $1`, [
        id,
        bytes,
        this.secrets.server.sign(actStatement(bytes)),
      ]);
    }
    return () => undefined;
  }
}
