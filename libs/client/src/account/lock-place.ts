import type { UserId } from '../../../protocol/src/index.ts';
import type { Lock, LockChange, Unlock } from '../storage/locks.ts';
import type { Passkeys } from './passkeys.ts';

/** What a platform offers so that a person can lock what it stores; a part that is absent is not possible there. */
export type LockPlace = {
  locks?: {
    of: (user: UserId) => Promise<Lock[]>;
    change: (user: UserId, unlock: Unlock | undefined, change: LockChange) => Promise<void>;
    /** Deletes what is stored, unopened: for who cannot open it any more. */
    destroy: (user: UserId) => Promise<void>;
  };
  /** After how long without a touch this device locks itself, ms; null never. */
  lockAfter?: { get: () => number | null; set: (ms: number | null) => void };
  passkeys?: Passkeys | null;
};
