import type { MessageItem } from './rows.ts';

/** What somebody wants to do with a message. */
export type MessageAct = {
  act: 'edit' | 'reply' | 'remove' | 'retry' | 'anyway' | 'cancel' | 'report' | 'details' | 'copy' | 'link';
  item: MessageItem;
};
