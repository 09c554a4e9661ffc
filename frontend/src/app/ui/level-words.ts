import type { RoomLevel } from '../../../../libs/client/src/index.ts';

/** How much of a room somebody wants to hear of (PRES2). */
export const levels: readonly { level: RoomLevel; words: string; icon: 'bell' | 'people' | 'bellOff' }[] = [
  { level: 'everything', words: 'Everything', icon: 'bell' },
  { level: 'mentions', words: 'Only what calls me by name', icon: 'people' },
  { level: 'nothing', words: 'Nothing: muted', icon: 'bellOff' },
];
