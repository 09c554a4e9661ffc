import { MutableCell } from '../../../libs/client/src/cell.ts';
import { sasEmoji } from '../../../libs/client/src/site/sas-emoji.ts';
import type { SafetyNumber } from '../../../libs/client/src/site/verification.ts';
import type { ActPreview } from '../../../libs/protocol/src/moderation.ts';
import type { RoomInvite } from '../../../libs/protocol/src/rooms.ts';

/* Moderation, settings, blocks and verification for the preview build. */

const foretold: ActPreview = { allowed: true, refusal: null, rooms: 1, devices: 2, sockets: 1, sessions: 0, waiting: 3, successor: null };

export class PreviewModeration {
  async kick(): Promise<void> {}
  async ban(): Promise<void> {}
  async unban(): Promise<void> {}
  async mute(): Promise<void> {}
  async unmute(): Promise<void> {}
  async forbid(): Promise<void> {}
  async settle(): Promise<void> {}
  async bans() {
    return { bans: [], next: null, total: 0 };
  }
  async preview(): Promise<ActPreview> {
    return foretold;
  }
}

export class PreviewAdministration {
  async change(): Promise<void> {}
  async setRole(): Promise<void> {}
  async changePassword(): Promise<void> {}
  async archive(): Promise<void> {}
  async destroy(): Promise<void> {}
  async invite() {
    return {
      id: 'i1',
      fragment: `00000000-0000-4000-8000-000000000101.${'b3BlbnNlc2FtZQ'.repeat(3)}x`,
      expiresAt: Date.now() + 7 * 86_400_000,
    };
  }
  async invites(): Promise<RoomInvite[]> {
    return [{ id: 'i0', usesLeft: 3, expiresAt: Date.now() + 2 * 86_400_000, createdAt: 0, createdBy: '' }];
  }
  async revoke(): Promise<void> {}
}

export class PreviewBlocks {
  readonly users = new MutableCell<ReadonlySet<string>>(new Set());
  async load(): Promise<void> {}
  async refresh(): Promise<void> {}
  async block(user: string): Promise<void> {
    this.users.update((users) => new Set([...users, user]));
  }
  async unblock(user: string): Promise<void> {
    this.users.update((users) => new Set([...users].filter((each) => each !== user)));
  }
  has(user: string): boolean {
    return this.users.value.has(user);
  }
}

export class PreviewVerification {
  #verified = false;
  async of(user: string): Promise<SafetyNumber> {
    const groups = ['30187', '66012', '99540', '12077', '81934', '20561', '44380', '71296', '05583', '93027', '61840', '27715'];
    const emoji = Array.from({ length: 20 }, (_, i) => sasEmoji[(i * 13 + 5) % 64]!);
    return {
      user,
      name: 'Bo Lindqvist',
      groups,
      emoji,
      code: `conclave-verify:${groups.join('')}`,
      verified: this.#verified,
      changed: false,
    };
  }
  async matches(_: string, code: string): Promise<boolean> {
    return code.includes('30187');
  }
  async mark(_: string, __: string[], on: boolean): Promise<void> {
    this.#verified = on;
  }
  async acknowledge(): Promise<void> {}
}
