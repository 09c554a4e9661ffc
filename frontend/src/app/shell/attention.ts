import { inject, Injectable, type DestroyRef } from '@angular/core';
import { Router } from '@angular/router';
import { noticeOf } from '../../../../libs/client/src/notify/wording.ts';
import type { Heard, SoundEvent } from '../../../../libs/client/src/index.ts';
import { CONCLAVE } from '../conclave.ts';
import { DesktopNotices } from '../ui/desktop-notices.ts';
import { Language } from '../ui/language.ts';
import { Sounds } from '../ui/sounds.ts';

type Message = Extract<Heard, { kind: 'message' }>;

/** Makes itself heard when something comes (PRES3, PRES4): only the tab that holds the connection hears of it. */
@Injectable({ providedIn: 'root' })
export class Attention {
  readonly #client = inject(CONCLAVE);
  readonly #router = inject(Router);
  readonly #sounds = inject(Sounds);
  readonly #language = inject(Language);
  readonly #desktop = inject(DesktopNotices);

  watch(until: DestroyRef): void {
    let first = true;
    until.onDestroy(
      this.#client.heard.subscribe((event) => {
        if (event && !first) this.#hear(event); // what was heard before this screen is none of its business
        first = false;
      }),
    );
    const seen = () => document.visibilityState === 'visible' && void this.#desktop.clear();
    document.addEventListener('visibilitychange', seen);
    navigator.serviceWorker?.addEventListener('message', this.#opened);
    until.onDestroy(() => {
      document.removeEventListener('visibilitychange', seen);
      navigator.serviceWorker?.removeEventListener('message', this.#opened);
    });
    // Without the server, or a push service, notices come while the app is open.
    this.#desktop.renew().catch(() => undefined);
  }

  #hear(event: Heard): void {
    if (this.#client.status.view.value.status === 'dnd') return;
    if (event.kind !== 'message') return this.#sound(event.kind);
    const level = this.#client.notices.levelOf(event.room);
    if (level === 'nothing' || (level === 'mentions' && !event.mentioned)) return;
    const looking = document.visibilityState === 'visible' && document.hasFocus();
    if (!looking || !this.#router.url.startsWith(`/rooms/${event.room}`)) this.#sound(event.mentioned ? 'mention' : 'message');
    if (!looking) this.#notify(event);
  }

  #sound(event: SoundEvent): void {
    if (this.#client.notices.view.value.sounds.has(event)) this.#sounds.play(event).catch(() => undefined);
  }

  #notify({ room, mid, name, text }: Message): void {
    const { desktop, shows } = this.#client.notices.view.value;
    const line = this.#client.rooms.value.find(({ id }) => id === room);
    if (!desktop || !line) return;
    const notice = noticeOf(
      shows,
      { room, roomName: line.name, direct: line.kind === 'direct', name, text, mid },
      this.#language.current(),
    );
    this.#desktop.show(notice).catch(() => undefined);
  }

  /** Somebody clicked a notice; the worker has brought this tab to the front. */
  readonly #opened = ({ data }: MessageEvent<{ type?: string; room?: string; mid?: string | null } | null>) => {
    if (data?.type !== 'conclave-open' || typeof data.room !== 'string') return;
    void this.#router.navigate(['/rooms', data.room], { queryParams: data.mid ? { at: data.mid } : {} });
  };
}
