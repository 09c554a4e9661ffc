import type { RoomId } from '../../../protocol/src/index.ts';
import type { Shows } from './wording.ts';

/** How much of a room somebody wants to hear of (PRES2). */
export type RoomLevel = 'everything' | 'mentions' | 'nothing';
/** What may sound (PRES3). */
export type SoundEvent = 'message' | 'mention' | 'joined' | 'failed';

/** The settings of notices as they lie in the store: the service worker reads them there. */
export type NoticesRow = {
  levels: [RoomId, RoomLevel][];
  sounds: SoundEvent[];
  desktop: boolean;
  shows: Shows;
  comings: boolean;
};
