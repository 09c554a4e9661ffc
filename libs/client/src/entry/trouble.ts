import { ConclaveError } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import { reportUnexpected } from '../emitter.ts';
import { SealError } from '../sealing/sealer.ts';
import { StoreError } from '../storage/store.ts';

/** Key state moved to another tab, storage is full, or something unforeseen: said aloud, never swallowed. */
export class Trouble {
  readonly view = new MutableCell<ConclaveError | null>(null);

  /** `fenced`: another tab has taken over. */
  constructor(private readonly fenced: () => void) {}

  tell(error: unknown): void {
    if ((error instanceof StoreError || error instanceof SealError) && error.code === 'fenced') return this.fenced();
    if (error instanceof StoreError && error.code === 'closed') return; // a step that was under way while signing out
    if (error instanceof ConclaveError) return this.view.set(error);
    if (error instanceof StoreError && error.code === 'full')
      return this.view.set(
        new ConclaveError('unavailable', 'This device has no room left to store messages. Free some space, then try again.'),
      );
    this.view.set(new ConclaveError('internal', 'Something unexpected happened. Reload the page; nothing that was sent is lost.'));
    reportUnexpected(error);
  }
}
