import { MutableCell } from '../../../libs/client/src/cell.ts';
import type { ConclaveClient, NoticesChange, NoticesView, RoomLevel, RoomLine } from '../../../libs/client/src/index.ts';
import type { OwnStatus, StatusRequest } from '../../../libs/protocol/src/status.ts';

export class PreviewStatus implements Record<keyof ConclaveClient['status'], unknown> {
  readonly view = new MutableCell<OwnStatus>({ status: 'online', text: '', until: null });
  async choose(request: StatusRequest): Promise<void> {
    this.view.set({ text: '', until: null, ...request });
  }
  attach(): () => void {
    return () => undefined;
  }
  idle(): void {
    // nobody looks
  }
}

export class PreviewNotices implements Record<keyof ConclaveClient['notices'], unknown> {
  readonly view = new MutableCell<NoticesView>({
    levels: new Map(),
    sounds: new Set(['message', 'mention', 'failed']),
    desktop: false,
    shows: 'words',
    comings: true,
  });
  constructor(private readonly rooms: MutableCell<RoomLine[]>) {}

  async load(): Promise<void> {
    // nothing is stored
  }
  async change(change: NoticesChange): Promise<void> {
    this.view.update((view) => ({ ...view, ...change }));
  }
  levelOf(room: string): RoomLevel {
    return this.view.value.levels.get(room) ?? 'everything';
  }
  async setLevel(room: string, level: RoomLevel): Promise<void> {
    this.view.update((view) => ({ ...view, levels: new Map(view.levels).set(room, level) }));
    this.rooms.update((lines) => lines.map((line) => (line.id === room ? { ...line, level } : line)));
  }
  async pushKey(): Promise<string | null> {
    return null;
  }
  async subscribe(): Promise<void> {
    // no push service here
  }
  async unsubscribe(): Promise<void> {
    // none
  }
}
