import { Component, computed, effect, inject, input, untracked } from '@angular/core';
import type { Attachment } from '../../../../../libs/protocol/src/attachment.ts';
import { CONCLAVE, follow } from '../../conclave.ts';
import { Icon } from '../../ui/icon.ts';
import { Translate } from '../../ui/language.ts';
import { Toasts } from '../../ui/toasts.ts';
import type { MessageItem } from '../rows.ts';
import { kindOf } from './file-kinds.ts';
import { sizeWords } from '../../ui/sizes.ts';
import { comingWords, goingWords, keptWords, percent } from './file-words.ts';
import { OpenedFiles } from './opened-files.ts';
import { Picture } from './picture.ts';
import { Player } from './player.ts';
import { RoomFiles } from './room-files.ts';

/** Pictures up to this size are fetched as soon as they are seen. */
const BY_ITSELF = 10 * 1024 * 1024;

/** One file of a message: shown where that is safe, else to be saved; how far it is on its way, to here and from here. */
@Component({
  selector: 'cv-file',
  imports: [Icon, Picture, Player, Translate],
  templateUrl: './file-bubble.html',
  styleUrl: './file-bubble.scss',
  host: { 'data-testid': 'file', '[attr.data-state]': 'view().coming.state', '[attr.data-name]': 'file().name' },
})
export class FileBubble {
  readonly file = input.required<Attachment>();
  readonly item = input.required<MessageItem>();
  readonly #client = inject(CONCLAVE);
  readonly #opened = inject(OpenedFiles);
  readonly #toasts = inject(Toasts);
  readonly #room = inject(RoomFiles).room;
  protected readonly view = follow(() => this.#client.files.view(this.file().id));
  protected readonly kind = computed(() => kindOf(this.file()));
  protected readonly here = computed(() => this.view().coming.state === 'here');
  protected readonly moving = computed(() => ['waiting', 'coming', 'checking'].includes(this.view().coming.state));
  protected readonly size = computed(() => sizeWords(this.file().size));
  protected readonly words = computed(() => comingWords(this.view().coming, this.view().size));
  protected readonly done = computed(() => {
    const { coming, size } = this.view();
    return coming.state === 'coming' ? percent(coming.have, size) : coming.state === 'checking' ? 100 : null;
  });
  protected readonly going = computed(() => this.view().going.map((going) => goingWords(going, this.view().size)));
  protected readonly kept = computed(() => (this.item().mine && this.here() ? keptWords(this.view()) : ''));
  protected readonly mayWithhold = computed(
    () => this.item().mine && this.here() && (this.view().withheld || this.view().going.length > 0 || this.view().stored === 'owed'),
  );

  constructor() {
    effect(() => {
      const { coming } = this.view();
      const wanted = this.kind() === 'picture' && this.file().size <= BY_ITSELF;
      if (wanted && coming.state === 'absent' && this.view().size === 0) untracked(() => this.fetch());
    });
  }

  protected fetch(): void {
    const room = this.#room();
    if (room) void this.#toasts.attempt(() => this.#client.files.fetch(room.id, this.item(), this.file()));
  }
  protected cancel(): void {
    void this.#toasts.attempt(() => this.#client.files.cancel(this.file().id));
  }
  protected withhold(on: boolean): void {
    void this.#toasts.attempt(() => this.#client.files.withhold(this.file().id, on));
  }
  protected save(): void {
    void this.#toasts.attempt(() => this.#opened.save(this.file()));
  }
}
