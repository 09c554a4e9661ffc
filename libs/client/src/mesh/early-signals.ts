import type { DeviceId, RoomId } from '../../../protocol/src/index.ts';

type EarlySignal = { room: RoomId; from: DeviceId; data: string };

const most = 200;
const keptMs = 10_000;

/** Signals of devices that the group does not know yet: their commit is on its way. Some are kept, for a while. */
export class EarlySignals {
  #kept: (EarlySignal & { at: number })[] = [];

  constructor(private readonly now: () => number) {}

  keep(signal: EarlySignal): void {
    if (this.#kept.length >= most) this.#kept.shift();
    this.#kept.push({ ...signal, at: this.now() });
  }

  /** Takes out what is for this room and from these devices, in the order it came. */
  due(room: RoomId, known: ReadonlySet<DeviceId>): EarlySignal[] {
    const fresh = this.#kept.filter(({ at }) => at > this.now() - keptMs);
    const due = fresh.filter((signal) => signal.room === room && known.has(signal.from));
    this.#kept = fresh.filter((signal) => !due.includes(signal));
    return due;
  }
}
