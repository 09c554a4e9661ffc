import type { Body, DeviceId, Mid } from '../../../protocol/src/index.ts';
import type { MessageState } from '../views/message.ts';
import type { Notice } from '../views/notice.ts';
import type { TimelineItem } from '../views/timeline.ts';
import type { EntryRow, NoticeRow } from './rows.ts';

/**
 * A private conversation, as the room sees it that it branched from: words go there while it lasts, and their states come from there. It
 * waits for the room's queue (BranchHooks), so no step of the room's queue may ever wait for it.
 */
export interface Branch {
  say(body: Body): Promise<Mid>;
  retry(mid: Mid): Promise<void>;
  cancel(mid: Mid): Promise<void>;
  /** True for own words that are not with everybody yet. */
  has(mid: Mid): boolean;
  markRead(): void;
  askForGap(device: DeviceId): void;
  stateOf(entry: EntryRow): MessageState;
  waiting(): TimelineItem[];
}

/** What such a conversation asks of the room whose timeline shows it. */
export type BranchHooks = {
  placed: (key: string, row: EntryRow) => Promise<void>;
  tell: (name: string, notice: Notice, about?: Partial<NoticeRow>) => Promise<void>;
  untell: (name: string) => Promise<void>;
};
