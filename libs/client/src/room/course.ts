import { toBase64url, type DeviceId, type ExpelReason } from '../../../protocol/src/index.ts';
import type { EpochChange, Leaf } from '../sealing/sealer.ts';
import type { Agreement } from './agreement.ts';
import { announcements } from './announce.ts';
import type { Attendance } from './attendance.ts';
import type { Audience } from './audience.ts';
import type { RoomContext } from './context.ts';
import type { Exchange } from './exchange.ts';
import type { Group } from './group.ts';
import type { HouseRules } from './house-rules.ts';
import type { Inbox } from './inbox.ts';
import type { Outbox } from './outbox.ts';
import type { Page } from './page.ts';
import type { RoomLedger } from './room-ledger.ts';

type Parts = {
  group: Group;
  audience: Audience;
  rules: HouseRules;
  attendance: Attendance;
  outbox: Outbox;
  inbox: Inbox;
  exchange: Exchange;
  agreement: Agreement;
  ledger: RoomLedger;
  page: Page;
};

const devicesOf = (leaves: readonly { device: DeviceId }[]) => leaves.map(({ device }) => device);

/** What follows in the room from the course of its group: it moved on, words may be sealed to it, it is left. */
export class Course {
  constructor(
    private readonly ctx: RoomContext,
    private readonly parts: Parts,
  ) {}

  async moved(change: EpochChange): Promise<void> {
    const { group, audience, exchange, agreement, attendance, inbox, page } = this.parts;
    const leaves = group.roster?.leaves ?? [];
    await exchange.repair.joined(change, leaves);
    await this.#tell(change, leaves, this.ctx.clock.now());
    await audience.moved(group.roster, group.welcomed);
    const fresh = new Set(devicesOf(change.added));
    if (fresh.has(this.ctx.me.device)) await exchange.history.begun();
    await page.notices.remove('split');
    await this.#cameAndWent(change, leaves, fresh);
    agreement.epochChanged();
    await this.#resend(change, leaves, fresh);
    attendance.expectPeers();
    await inbox.again();
  }

  async #tell(change: EpochChange, leaves: Leaf[], at: number): Promise<void> {
    const { people, me, room, heard } = this.ctx;
    const { notices } = this.parts.page;
    for (const { user, accountKey, device } of leaves)
      if ((await people.pin(user, toBase64url(accountKey))) && device !== me.device)
        await notices.tell(`key.${user}.${change.epoch}`, { kind: 'key-changed', user, name: people.name(user) }, at);
    for (const { name, notice } of announcements(change, leaves, me.device, (user) => people.name(user))) {
      await notices.tell(name, notice, at);
      if (notice.kind === 'joined') heard({ kind: 'joined', room, name: notice.name });
    }
  }

  async #cameAndWent(change: EpochChange, leaves: Leaf[], fresh: ReadonlySet<DeviceId>): Promise<void> {
    const { rules, group } = this.parts;
    const stays = new Set(leaves.map(({ user }) => user));
    // Who has no leaf of before came now; so did, for a device that comes in, everybody it finds.
    const before = fresh.has(this.ctx.me.device) ? [] : leaves.filter(({ device }) => !fresh.has(device));
    const old = new Set(before.map(({ user }) => user));
    await rules.came([...stays].filter((user) => !old.has(user)));
    const gone = change.removed.map(({ user }) => user).filter((user) => !stays.has(user));
    await rules.gone(gone);
    await group.forgetLetIn(gone);
  }

  async #resend(change: EpochChange, leaves: Leaf[], fresh: ReadonlySet<DeviceId>): Promise<void> {
    const { outbox } = this.parts;
    const removed = devicesOf(change.removed);
    await outbox.removed(removed.filter((device) => !fresh.has(device)));
    const anew = removed.filter((device) => fresh.has(device));
    await outbox.again.cameAnew(anew.includes(this.ctx.me.device) ? devicesOf(leaves) : anew);
  }

  /** What may be done now has changed. */
  async ready(): Promise<void> {
    const { attendance, outbox, exchange, page } = this.parts;
    attendance.expectPeers();
    await outbox.flush();
    await outbox.again.flush();
    exchange.receipts.resume();
    await exchange.history.resume();
    page.show();
  }

  /** Not a member any more: history stays readable, keys go. */
  async ended(reason: ExpelReason): Promise<void> {
    const { mesh, delivery, room, me } = this.ctx;
    const { inbox, group, audience, rules, ledger, page } = this.parts;
    mesh.forget(room);
    delivery.releaseRoom(room);
    inbox.forget();
    await group.leave();
    await audience.forget();
    // Who was away when it happened is told by members, or by what they said then.
    const why = reason === 'removed' ? (rules.putOut(me.user) ?? reason) : reason;
    await rules.gone([me.user]);
    await ledger.save({ left: why });
    page.show();
  }
}
