import type { DeviceId } from '../../../protocol/src/index.ts';
import type { Branches } from './branches.ts';
import type { RoomContext } from './context.ts';
import type { Notices } from './notices.ts';
import type { AuthorRow } from './rows.ts';

/** Holes in what somebody said, as the timeline shows them: each a notice by which one asks for what is missing. */
export class Gaps {
  constructor(
    private readonly ctx: RoomContext,
    private readonly notices: Notices,
    private readonly branches: Branches,
    private readonly ask: (device: DeviceId) => Promise<void>,
  ) {}

  async show(device: DeviceId, { user }: AuthorRow, from: number, to: number): Promise<void> {
    const { people, clock } = this.ctx;
    const notice = { kind: 'gap', user, name: people.name(user), count: to - from + 1, asked: false } as const;
    await this.notices.tell(`gap.${device}`, notice, clock.now(), { device, from, to });
  }

  mended(device: DeviceId): Promise<void> {
    return this.notices.remove(`gap.${device}`);
  }

  async askFor(key: string): Promise<void> {
    const row = await this.notices.get(key);
    if (!row?.device || row.notice.kind !== 'gap') return;
    const branch = row.private && this.branches.of(row.private);
    if (branch) branch.askForGap(row.device);
    else await this.ask(row.device);
    await this.notices.put(key, { ...row, notice: { ...row.notice, asked: true } });
  }
}
