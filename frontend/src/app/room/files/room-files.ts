import { computed, DestroyRef, inject, Injectable, signal, untracked, type Signal } from '@angular/core';
import type { Attaching, RoomHandle } from '../../../../../libs/client/src/index.ts';
import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';
import { limits } from '../../../../../libs/protocol/src/limits.ts';
import { CONCLAVE } from '../../conclave.ts';
import { t } from '../../ui/language.ts';
import { Carried } from '../../ui/carried.ts';
import { Toasts } from '../../ui/toasts.ts';

/** One file that waits in the composer to be sent. */
export type Chip = {
  key: number;
  name: string;
  size: number;
  attaching: Attaching;
  progress: Signal<Attaching['progress']['value']>;
  /** A picture that could not be drawn anew: whatever its camera noted goes along. */
  untouched: Signal<boolean>;
  stop: () => void;
};

/** The files of the room that is open: what is about to be sent, and the room for those that are shown. */
@Injectable()
export class RoomFiles {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #carried = inject(Carried);
  readonly room = signal<RoomHandle | null>(null);
  readonly chips = signal<Chip[]>([]);
  readonly empty = computed(() => this.chips().length === 0);
  #last = 0;

  constructor() {
    inject(DestroyRef).onDestroy(() => this.discardAll());
  }

  get files() {
    return this.#client.files;
  }

  /** Another room: what waited to be sent into the one before is not sent. Files that were chosen for this one elsewhere come along. */
  enter(room: RoomHandle): void {
    if (untracked(this.room) === room) return;
    this.discardAll();
    this.room.set(room);
    untracked(() => this.add(this.#carried.take(room.id)));
  }

  add(files: Iterable<File>, beside?: { duration?: number; voice?: number[] }): void {
    const room = this.room();
    if (!room) return;
    if (!this.files.available)
      return void this.#toasts.say(t('This browser cannot keep files, so it can send none. Update it, or use another one.'));
    for (const file of files) {
      if (this.chips().length >= limits.filesPerMessage)
        return void this.#toasts.say(t('A message carries at most {most} files. Send these first.', { most: limits.filesPerMessage }));
      const attaching = this.files.attach(room.id, file, beside);
      const progress = signal(attaching.progress.value);
      const stop = attaching.progress.subscribe((value) => progress.set(value));
      const untouched = signal(false);
      attaching.attachment.then(
        ({ preview }) => untouched.set(file.type.startsWith('image/') && !preview),
        () => undefined, // its progress says so
      );
      this.chips.update((chips) => [
        ...chips,
        {
          key: ++this.#last,
          name: file.name,
          size: file.size,
          attaching,
          progress: progress.asReadonly(),
          untouched: untouched.asReadonly(),
          stop,
        },
      ]);
    }
  }

  remove(chip: Chip): void {
    this.#let(chip);
    chip.attaching.discard();
  }

  /** All of them, ready to be said. Throws what one of them failed with. */
  ready(): Promise<Attachment[]> {
    return Promise.all(this.chips().map(({ attaching }) => attaching.attachment));
  }

  /** They are in a message now. */
  sent(): void {
    this.chips().forEach((chip) => this.#let(chip));
  }

  discardAll(): void {
    untracked(this.chips).forEach((chip) => this.remove(chip));
  }

  #let(chip: Chip): void {
    chip.stop();
    this.chips.update((chips) => chips.filter((each) => each !== chip));
  }
}
