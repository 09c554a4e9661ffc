import type { RoomId } from '../../../protocol/src/index.ts';

/** Who may see this device's address: nobody at all, or nobody in these rooms. Whoever shares another room with one sees it there. */
export type PrivacyView = {
  everywhere: boolean;
  rooms: ReadonlySet<RoomId>;
  /** Others are told what this person has read (MSG2). That it arrived is always told: their devices stop sending on it. */
  tellsRead: boolean;
};
