import type { RoomId } from '../../../protocol/src/index.ts';
import type { SiteRow } from '../entry/known-site.ts';
import type { Platform } from '../platform.ts';
import type { Identity, Sealer } from '../sealing/sealer.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Blocks } from '../site/blocks.ts';
import type { NoticeSettings } from '../site/notice-settings.ts';
import type { OwnStatusBoard } from '../site/own-status.ts';
import type { Store } from '../storage/store.ts';

/** What a device brings to its work. */
export type LiveOptions = {
  platform: Platform;
  rest: RestClient;
  store: Store;
  sealer: Sealer;
  identity: Identity;
  site: SiteRow;
  blocks: Blocks;
  status: OwnStatusBoard;
  notices: NoticeSettings;
  enterPassword: (room: RoomId, password: string) => Promise<void>;
  /** Once the server is reached, and from time to time after that. */
  tend: () => Promise<void>;
  broken: (error: unknown) => void;
};
