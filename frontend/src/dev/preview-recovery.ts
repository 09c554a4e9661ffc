import { MutableCell } from '../../../libs/client/src/cell.ts';
import type { HistoryFiles } from '../../../libs/client/src/archive/contract.ts';
import type { RecoveryFace, RecoveryView } from '../../../libs/client/src/recovery/contract.ts';

const words =
  'canoe lantern marble orchard pepper quilt ribbon saddle timber umbrella velvet walnut anchor basket candle donkey ember falcon garden hammer island jungle kettle ladder';

/** Stands in for the backup: `?recovery=on` shows it set up. */
export class PreviewRecovery implements RecoveryFace {
  readonly view = new MutableCell<RecoveryView>({ state: 'unknown', madeAt: null, history: null, busy: null });
  #on: boolean;

  constructor(params: URLSearchParams) {
    this.#on = params.get('recovery') === 'on';
  }
  async look(): Promise<RecoveryView> {
    const madeAt = Date.now() - 7_200_000;
    this.view.set(
      this.#on
        ? { state: 'on', madeAt, history: { madeAt, bytes: 2_400_000 }, busy: null }
        : { state: 'off', madeAt: null, history: null, busy: null },
    );
    return this.view.value;
  }
  async newPhrase(): Promise<string[]> {
    return words.split(' ');
  }
  async turnOn(): Promise<void> {
    this.#on = true;
    await this.look();
  }
  async turnOff(): Promise<void> {
    this.#on = false;
    await this.look();
  }
  async refresh(): Promise<void> {
    await this.look();
  }
}

export const previewHistory: HistoryFiles = {
  async *sealed() {
    yield new TextEncoder().encode('CONCLAVE');
  },
  async *readable() {
    yield '[]\n';
  },
  take: async () => ({ added: 120, known: 14, unproved: 3, refused: 0, elsewhere: 0 }),
};
