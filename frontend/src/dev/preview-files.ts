import { MutableCell } from '../../../libs/client/src/cell.ts';
import type { FilesHandle, FileView } from '../../../libs/client/src/index.ts';

/** Files of the preview: what is attached is there at once, everything else could be fetched from nobody. */
export class PreviewFiles implements FilesHandle {
  readonly available = true;
  readonly #blobs = new Map<string, Blob>();
  readonly #views = new Map<string, MutableCell<FileView>>();

  attach(_room: string, file: File) {
    const id = crypto.randomUUID().replaceAll('-', '').slice(0, 22);
    this.#blobs.set(id, file);
    const { size, name, type } = file;
    const progress = new MutableCell({ state: 'ready' as const, done: size, size });
    const attachment = Promise.resolve({ id, key: 'A'.repeat(43), size, hash: 'A'.repeat(43), name, type });
    return { progress, attachment, discard: () => undefined };
  }
  view(id: string): MutableCell<FileView> {
    const coming = this.#blobs.has(id) ? ({ state: 'here' } as const) : ({ state: 'absent' } as const);
    const view = this.#views.get(id) ?? new MutableCell<FileView>({ coming, size: 1, going: [], withheld: false, stored: 'no' });
    this.#views.set(id, view);
    return view;
  }
  async fetch(): Promise<void> {}
  async cancel(): Promise<void> {}
  async withhold(id: string, withheld: boolean): Promise<void> {
    this.view(id).update((view) => ({ ...view, withheld }));
  }
  async open({ id }: { id: string }): Promise<Blob> {
    return this.#blobs.get(id) ?? new Blob();
  }
  close(): void {}
}
