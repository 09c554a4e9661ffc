import type { Attachment, DeviceId, Mid, UserId } from '../../../protocol/src/index.ts';
import type { MessageState } from './message.ts';
import type { Notice } from './notice.ts';

export type TimelineItem =
  | {
      type: 'message';
      key: string;
      mid: Mid;
      author: { user: UserId; device: DeviceId; name: string };
      mine: boolean;
      /** When it was written by its author's clock, ms. */
      writtenAt: number;
      /** Place in the order, ms; what day separators go by. */
      orderedAt: number;
      /** Markdown source; empty when deleted. */
      text: string;
      edited: boolean;
      deleted: boolean;
      replyTo: Mid | null;
      /** The message it answers, when it is stored here: who said it, and its first words. */
      quote: { author: string; text: string } | null;
      files: Attachment[];
      /** People whom it names. */
      mentions: UserId[];
      /** One is named oneself. */
      mentioned: boolean;
      reactions: { emoji: string; users: UserId[]; mine: boolean }[];
      /** The author's clock was more than five minutes ahead. */
      clockAhead: boolean;
      /** From an archive, and nothing here proves who wrote it. */
      imported: boolean;
      /** Said in private: with whom, oneself excluded. */
      private: string[] | null;
      /** Why it is not shown at once: its author was muted when it was said, is blocked here, or repeats themselves. Null: it is. */
      hidden: 'muted' | 'blocked' | 'flood' | 'images' | null;
      /** When it vanishes, ms since 1970 (MSG5); null: it stays. */
      vanishesAt: number | null;
      /** Own messages only. */
      state: MessageState | null;
    }
  | { type: 'notice'; key: string; orderedAt: number; notice: Notice };

/** A window of the timeline, oldest first. */
export type TimelineView = {
  items: TimelineItem[];
  /** Older items exist beyond `items[0]`. */
  hasOlder: boolean;
  /** Newer ones exist below: one has jumped up to an old message. */
  hasNewer: boolean;
  /** Key of the first unread item when the room was opened, for the marker. */
  firstUnread: string | null;
  /** Messages that arrived above the read mark since the room was opened ("3 earlier messages arrived"). */
  arrivedAbove: number;
};
