import { PushKey, type PushRequest, type RoomId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { NoticesRow, RoomLevel, SoundEvent } from '../notify/notices-row.ts';
import type { Shows } from '../notify/wording.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Store } from '../storage/store.ts';

export type NoticesView = {
  /** Rooms that are not named: everything. */
  levels: ReadonlyMap<RoomId, RoomLevel>;
  sounds: ReadonlySet<SoundEvent>;
  /** Notices of the system, while the app is not looked at or closed; only where the browser allows them, too. */
  desktop: boolean;
  /** What such a notice shows. */
  shows: Shows;
  /** Who came and who left stands in the timeline (PRES5). */
  comings: boolean;
};
export type NoticesChange = Partial<Pick<NoticesView, 'sounds' | 'desktop' | 'shows' | 'comings'>>;

export const presetNotices: NoticesView = {
  levels: new Map(),
  sounds: new Set(['message', 'mention', 'failed']),
  desktop: false,
  shows: 'words',
  comings: true,
};

/** What counts on the title and the badge. */
export function countOf({ level, unread, mentions }: { level: RoomLevel; unread: number; mentions: number }): number {
  return level === 'nothing' ? 0 : level === 'mentions' ? mentions : unread;
}

/** What this device tells of, and how: kept on this device, since it is about this device. Nothing of it but the muted rooms goes to the server. */
export class NoticeSettings {
  readonly view = new MutableCell<NoticesView>(presetNotices);
  #subscription: Omit<PushRequest, 'quiet'> | null = null;

  constructor(
    private readonly rest: RestClient,
    private readonly store: () => Store | null,
  ) {}

  async load(): Promise<void> {
    this.#subscription = null;
    const row = await this.store()?.get<NoticesRow>('meta', 'notices');
    this.view.set(row ? { ...row, levels: new Map(row.levels), sounds: new Set(row.sounds) } : presetNotices);
  }

  async change(change: NoticesChange): Promise<void> {
    await this.#keep({ ...this.view.value, ...change });
  }

  levelOf(room: RoomId): RoomLevel {
    return this.view.value.levels.get(room) ?? 'everything';
  }

  /** Resolves when it is kept here; that the push service is to be spared follows when the server is there. */
  async setLevel(room: RoomId, level: RoomLevel): Promise<void> {
    const levels = new Map(this.view.value.levels);
    if (level === 'everything') levels.delete(room);
    else levels.set(room, level);
    await this.#keep({ ...this.view.value, levels });
    if (this.#subscription) await this.subscribe(this.#subscription);
  }

  /** The key with which this server speaks to push services, base64url; null where it does not. */
  async pushKey(): Promise<string | null> {
    return (await this.rest.as('GET', '/api/push', PushKey)).key;
  }

  /** Where this device's push service takes what comes while the app is closed. Throws ConclaveError `bad-request`. */
  async subscribe(subscription: Omit<PushRequest, 'quiet'>): Promise<void> {
    const quiet = [...this.view.value.levels].filter(([, level]) => level === 'nothing').map(([room]) => room);
    await this.rest.ask('PUT', '/api/push', { json: { ...subscription, quiet } satisfies PushRequest });
    this.#subscription = subscription;
  }

  async unsubscribe(): Promise<void> {
    this.#subscription = null;
    await this.rest.ask('DELETE', '/api/push');
  }

  async #keep(view: NoticesView): Promise<void> {
    const { levels, sounds, desktop, shows, comings } = view;
    const row: NoticesRow = { levels: [...levels], sounds: [...sounds], desktop, shows, comings };
    await this.store()?.write([{ table: 'meta', key: 'notices', value: row }]);
    this.view.set(view);
  }
}
