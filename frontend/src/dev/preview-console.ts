import type { AccountDetail, AccountLine } from '../../../libs/protocol/src/accounts.ts';
import type { AdminRoom, AuditLine } from '../../../libs/protocol/src/console.ts';
import type { BanLine, ReportDetail, ReportLine } from '../../../libs/protocol/src/moderation.ts';
import { me, members, rooms } from './preview-data.ts';

/* What the console shows in the preview build. */
const hour = 3_600_000;
const now = Date.now();
const person = (i: number) => {
  const { user: id, username, name: displayName } = members[i % members.length]!;
  return { id, username, displayName };
};

const accounts: AccountLine[] = members.map(({ user: id, username, name: displayName }, i) => ({
  id,
  username,
  displayName,
  role: i === 0 ? 'admin' : i === 1 ? 'moderator' : 'user',
  origin: i === 3 ? 'handoff' : 'local',
  createdAt: now - i * 900 * hour,
  lastSeenAt: i === 5 ? null : now - i * hour,
  lockedAt: i === 4 ? now - hour : null,
  lockReason: i === 4 ? 'Flooding three rooms' : null,
  lockedUntil: i === 4 ? now + 23 * hour : null,
  vip: i === 2,
  failures: i === 2 ? 4 : 0,
  waitsUntil: null,
}));

const report: ReportLine = {
  id: 'r1',
  room: rooms[0]!.id,
  roomName: 'Lobby',
  reason: 'abuse',
  state: 'open',
  accused: person(4),
  reporter: person(1),
  messages: 2,
  createdAt: now - 2 * hour,
  closedAt: null,
};

export class PreviewConsole {
  async accounts({ q }: { q: string }) {
    const found = accounts.filter(({ displayName }) => displayName.toLowerCase().includes(q.toLowerCase()));
    return { accounts: found, next: null, total: found.length };
  }
  async account(id: string): Promise<AccountDetail> {
    const account = accounts.find((each) => each.id === id) ?? accounts[1]!;
    const session = { id: 's1', name: 'Firefox on Linux', method: 'password', createdAt: now - 90 * hour, lastUsedAt: now - hour } as const;
    const device = { id: 'd1', name: 'Firefox on Linux', createdAt: now - 90 * hour, lastSeenAt: now - hour, current: false };
    return { ...account, hasPassword: true, passkeys: 1, sessions: [{ ...session, device: null, current: false }], devices: [device] };
  }
  async changeAccount(): Promise<void> {}
  async lockAccount(): Promise<void> {}
  async unlockAccount(): Promise<void> {}
  async resetLink() {
    return { secret: 'c2VjcmV0IGZvciBleWVzIG9ubHk', expiresAt: now + 24 * hour };
  }
  async deleteAccount(): Promise<void> {}
  async endSession(): Promise<void> {}
  async endSessions(): Promise<void> {}
  async removeDevice(): Promise<void> {}
  async rooms() {
    const list = rooms
      .filter(({ kind }) => kind !== 'direct')
      .map(({ id, kind, name, topic, icon, members: count, online }, i): AdminRoom => ({
        id,
        kind,
        name,
        topic,
        icon,
        for: null,
        slug: null,
        owners: [me.displayName],
        members: count,
        devices: count * 2,
        online,
        waiting: i * 7,
        createdAt: now - 2_000 * hour,
        archivedAt: i === 3 ? now - hour : null,
      }));
    return { rooms: list, next: null, total: list.length };
  }
  async archiveRoom(): Promise<void> {}
  async unarchiveRoom(): Promise<void> {}
  async deleteRoom(): Promise<void> {}
  async reports() {
    return { reports: [report, { ...report, id: 'r2', reason: 'spam' as const, accused: person(5), messages: 7 }], next: null, open: 2 };
  }
  async report(): Promise<ReportDetail> {
    const evidence = ['You should be ashamed of this.', 'And I will tell everybody where you live.'].map((text, i) => ({
      text,
      kind: 'text' as const,
      writtenAt: now - 3 * hour + i * 60_000,
      mid: `m${i}`,
      device: 'd',
      deviceName: 'Chrome on Android',
    }));
    return { ...report, note: 'This went on for an hour yesterday, too.', closedBy: null, closingNote: '', evidence };
  }
  async closeReport(): Promise<void> {}
  async bans() {
    const ban: BanLine = {
      id: 'b1',
      room: rooms[0]!.id,
      roomName: 'Lobby',
      user: members[4]!.user,
      username: members[4]!.username,
      displayName: members[4]!.name,
      until: now + 48 * hour,
      reason: 'Flooding',
      by: 'Bo Lindqvist',
      createdAt: now - 5 * hour,
    };
    return {
      bans: [ban, { ...ban, id: 'b2', room: null, roomName: null, until: null, user: null, username: null, displayName: null }],
      next: null,
      total: 2,
    };
  }
  async preview() {
    return { allowed: true, refusal: null, rooms: 1, devices: 2, sockets: 1, sessions: 0, waiting: 3, successor: null };
  }
  async act(): Promise<void> {}
  async audit() {
    const acts = ['account-locked', 'room-made', 'role-changed', 'ban', 'invite-made'];
    const lines = Array.from({ length: 12 }, (_, i): AuditLine => ({
      id: 412 - i,
      at: now - i * 40 * 60_000,
      act: acts[i % acts.length]!,
      actor: me.id,
      actorName: me.displayName,
      subject: 'x',
      subjectName: members[i % members.length]!.name,
      detail: i % 5 === 3 ? { room: 'Lobby', reason: 'Flooding' } : {},
      hash: '',
    }));
    return { lines, next: 'more', total: 412, acts };
  }
  async checkAudit() {
    return { rows: 412, head: '', brokenAt: null };
  }
  async exportAudit(): Promise<Uint8Array> {
    return new Uint8Array();
  }
  async statistics() {
    return {
      uptimeMs: 90 * hour,
      sockets: 41,
      signedIn: 33,
      users: 127,
      rooms: 18,
      failedLogins: 12,
      lockedAccounts: 1,
      relayedEnvelopes: 4_210,
      directMessages: 19_840,
      waitingEnvelopes: 77,
    };
  }
  async history() {
    const wave = (i: number, size: number, pace: number) => Math.round(size * (1 + Math.sin(i / pace) / 2));
    const samples = Array.from({ length: 120 }, (_, i) => ({
      at: now - (120 - i) * 30_000,
      sockets: wave(i, 40, 17),
      signedIn: wave(i, 31, 19),
      rooms: wave(i, 9, 23),
      relayed: wave(i, 12, 5),
      direct: wave(i, 55, 7),
      failedLogins: i % 37 === 0 ? 4 : 0,
    }));
    return { stepMs: 30_000, samples };
  }
}
