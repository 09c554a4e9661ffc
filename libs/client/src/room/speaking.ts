import type { Attachment, Body, Mid, UserId } from '../../../protocol/src/index.ts';
import type { Branch } from './branch.ts';
import type { Branches } from './branches.ts';
import type { RoomContext } from './context.ts';
import type { HouseRules } from './house-rules.ts';
import type { Outbox } from './outbox.ts';
import type { Steps } from './steps.ts';

export type Beside = { replyTo?: Mid; mentions?: UserId[]; files?: Attachment[] };

/** What one says here: into the room, or, while one has left the server with others, among those. */
export class Speaking {
  constructor(
    private readonly ctx: RoomContext,
    private readonly steps: Steps,
    private readonly outbox: Outbox,
    private readonly branches: Branches,
    private readonly rules: HouseRules,
  ) {}

  text(text: string, { replyTo, mentions = [], files = [] }: Beside): Promise<Mid> {
    const about = { ...(replyTo ? { replyTo } : {}), ...(mentions.length ? { mentions } : {}), ...(files.length ? { files } : {}) };
    return this.say({ kind: 'text', text, ...about });
  }

  say(body: Body): Promise<Mid> {
    const files = body.kind === 'text' && body.files ? body.files : [];
    const branch = this.branches.active;
    if (branch) return this.#sayApart(branch, body, files);
    return this.steps.run(async () => {
      this.rules.requireMaySay(body);
      const mid = await this.outbox.say(body);
      if (files.length > 0) await this.ctx.files.said(this.ctx.room, mid, files, true);
      // The composer clears on what is persisted; sealing and sending follow in the same queue.
      this.steps.soon(() => this.outbox.flush());
      return mid;
    });
  }

  /** Among those who left the server together: nothing goes into its storage. */
  async #sayApart(branch: Branch, body: Body, files: Attachment[]): Promise<Mid> {
    const mid = await branch.say(body);
    if (files.length > 0) await this.ctx.files.said(this.ctx.room, mid, files, false);
    return mid;
  }

  retry(mid: Mid): Promise<void> {
    const branch = this.branches.holding(mid);
    if (branch) return branch.retry(mid);
    return this.steps.run(async () => {
      await this.outbox.retry(mid);
      await this.outbox.sendAnyway(mid);
      await this.outbox.flush();
    });
  }

  cancel(mid: Mid): Promise<void> {
    return this.branches.holding(mid)?.cancel(mid) ?? this.steps.run(() => this.outbox.cancel(mid));
  }
}
