import type { Notice } from '../views/notice.ts';
import type { RoomContext } from './context.ts';
import { keys, type NoticeRow } from './rows.ts';

/** A notice that is told again replaces itself, if it stands among so many of the newest. */
export const recent = 50;
const searched = 500;

/** What stands between the messages: who came, who went, what is missing. Each has a name, under which it is replaced or removed. */
export class Notices {
  constructor(
    private readonly ctx: RoomContext,
    private readonly shown: (key: string, row: NoticeRow | undefined) => void,
  ) {}

  get(key: string): Promise<NoticeRow | undefined> {
    return this.ctx.store.get<NoticeRow>('notices', key);
  }

  async tell(name: string, notice: Notice, at = this.ctx.clock.now(), about: Partial<NoticeRow> = {}): Promise<void> {
    await this.put(await this.#key(name, at), { ...about, at, notice });
  }

  async put(key: string, row: NoticeRow): Promise<void> {
    await this.ctx.store.write([{ table: 'notices', key, value: row }]);
    this.shown(key, row);
  }

  async remove(name: string): Promise<void> {
    for (const { key } of await this.named(name)) await this.drop(key);
  }

  async drop(key: string): Promise<void> {
    await this.ctx.store.write([{ table: 'notices', key, value: undefined }]);
    this.shown(key, undefined);
  }

  /** Those of this name, newest first. */
  async named(name: string, among = searched): Promise<{ key: string; value: NoticeRow }[]> {
    const range = { prefix: keys.room(this.ctx.room), limit: among, reverse: true };
    return (await this.ctx.store.range<NoticeRow>('notices', range)).filter(({ key }) => key.endsWith(`.${name}`));
  }

  async #key(name: string, at: number): Promise<string> {
    return (await this.named(name, recent))[0]?.key ?? keys.notice(this.ctx.room, at, name);
  }
}
