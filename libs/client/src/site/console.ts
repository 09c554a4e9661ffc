import * as z from 'zod';
import {
  AccountDetail,
  AccountPage,
  ActPreview,
  actStatement,
  AdminRoomPage,
  AuditCheck,
  AuditPage,
  BanPage,
  ReportDetail,
  ReportPage,
  ResetLink,
  Statistics,
  StatisticsHistory,
  toBase64url,
  type AccountChange,
  type DeviceId,
  type ModerationAct,
  type ModerationStatement,
  type ReportClosing,
  type RoomId,
  type UserId,
} from '../../../protocol/src/index.ts';
import type { RestClient } from '../server/rest-client.ts';

type Query = { [name: string]: string | number | boolean | null | undefined };

/** What moderators and administrators of the site see and do (MOD4): all of it by REST, since nothing of it is anybody's words. */
export class Console {
  constructor(
    private readonly rest: RestClient,
    private readonly signer: () => { user: UserId; device: DeviceId; sign: (bytes: Uint8Array) => Promise<Uint8Array> } | null,
  ) {}

  accounts(query: { q: string; cursor?: string }): Promise<AccountPage> {
    return this.#read('/api/admin/accounts', query, AccountPage);
  }
  account(user: UserId): Promise<AccountDetail> {
    return this.#read(`/api/admin/accounts/${user}`, {}, AccountDetail);
  }
  changeAccount(user: UserId, change: AccountChange): Promise<void> {
    return this.rest.ask('PATCH', `/api/admin/accounts/${user}`, { json: change });
  }
  lockAccount(user: UserId, reason: string): Promise<void> {
    return this.rest.ask('POST', `/api/admin/accounts/${user}/lock`, { json: { reason } });
  }
  unlockAccount(user: UserId): Promise<void> {
    return this.rest.ask('POST', `/api/admin/accounts/${user}/unlock`);
  }
  resetLink(user: UserId): Promise<ResetLink> {
    return this.rest.as('POST', `/api/admin/accounts/${user}/reset`, ResetLink);
  }
  deleteAccount(user: UserId): Promise<void> {
    return this.rest.ask('DELETE', `/api/admin/accounts/${user}`);
  }
  endSession(user: UserId, session: string): Promise<void> {
    return this.rest.ask('DELETE', `/api/admin/accounts/${user}/sessions/${session}`);
  }
  endSessions(user: UserId): Promise<void> {
    return this.rest.ask('DELETE', `/api/admin/accounts/${user}/sessions`);
  }
  removeDevice(user: UserId, device: DeviceId): Promise<void> {
    return this.rest.ask('DELETE', `/api/admin/accounts/${user}/devices/${device}`);
  }

  rooms(query: { q: string; archived?: 'true' | 'false'; cursor?: string }): Promise<AdminRoomPage> {
    return this.#read('/api/moderation/rooms', query, AdminRoomPage);
  }
  archiveRoom(room: RoomId): Promise<void> {
    return this.rest.ask('POST', `/api/rooms/${room}/archive`, { json: {} });
  }
  unarchiveRoom(room: RoomId): Promise<void> {
    return this.rest.ask('POST', `/api/rooms/${room}/unarchive`, { json: {} });
  }
  deleteRoom(room: RoomId): Promise<void> {
    return this.rest.ask('DELETE', `/api/rooms/${room}`);
  }

  reports(query: { state: 'open' | 'closed' | 'all'; cursor?: string }): Promise<ReportPage> {
    return this.#read('/api/moderation/reports', query, ReportPage);
  }
  report(id: string): Promise<ReportDetail> {
    return this.#read(`/api/moderation/reports/${id}`, {}, ReportDetail);
  }
  closeReport(id: string, closing: ReportClosing): Promise<void> {
    return this.rest.ask('POST', `/api/moderation/reports/${id}/close`, { json: closing });
  }

  bans(query: { q: string; room?: RoomId; cursor?: string }): Promise<BanPage> {
    return this.#read('/api/moderation/bans', query, BanPage);
  }
  preview(act: ModerationAct, room: RoomId | null, user: UserId): Promise<ActPreview> {
    return this.rest.as('POST', '/api/moderation/preview', ActPreview, { json: { act, room, user } });
  }
  /** `room` null: from the whole site. Signed by this device, as everything a moderator does (MOD1). */
  async act(act: 'kick' | 'ban' | 'unban', room: RoomId | null, user: UserId, reason: string, until: number | null = null): Promise<void> {
    const by = this.signer();
    if (!by) throw new TypeError('only a signed-in device acts');
    const said: ModerationStatement = {
      v: 1,
      act,
      room,
      user,
      ...(act === 'ban' ? { until } : {}),
      reason: reason.trim(),
      by: by.user,
      device: by.device,
      at: Date.now(),
      nonce: toBase64url(crypto.getRandomValues(new Uint8Array(16))),
    };
    const statement = new TextEncoder().encode(JSON.stringify(said));
    const signature = toBase64url(await by.sign(actStatement(statement)));
    const path = room === null ? '/api/moderation' : `/api/rooms/${room}/moderation`;
    await this.rest.ask('POST', path, { json: { statement: toBase64url(statement), signature } });
  }

  audit(query: { q: string; act?: string; cursor?: string }): Promise<AuditPage> {
    return this.#read('/api/admin/audit', query, AuditPage);
  }
  checkAudit(): Promise<AuditCheck> {
    return this.#read('/api/admin/audit/check', {}, AuditCheck);
  }
  exportAudit(): Promise<Uint8Array> {
    return this.rest.bytes('/api/admin/audit/export');
  }

  statistics(): Promise<Statistics> {
    return this.#read('/api/admin/statistics', {}, Statistics);
  }
  history(): Promise<StatisticsHistory> {
    return this.#read('/api/admin/statistics/history', {}, StatisticsHistory);
  }

  #read<T>(path: string, query: Query, schema: z.ZodType<T>): Promise<T> {
    const given = Object.entries(query).flatMap(([name, value]) =>
      value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
    );
    const search = new URLSearchParams(given).toString();
    return this.rest.as('GET', search ? `${path}?${search}` : path, schema);
  }
}
