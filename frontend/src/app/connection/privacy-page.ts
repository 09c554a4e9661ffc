import { Component, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { PageHead } from '../ui/page-head.ts';
import { Switch } from '../ui/switch.ts';
import { Toasts } from '../ui/toasts.ts';

/** Who may see the address of this device (MESH10): a switch for all rooms, and one for each. */
@Component({
  selector: 'cv-privacy-page',
  imports: [PageHead, RouterLink, Switch],
  template: `
    <div class="page">
      <div class="page-body">
        <cv-page-head heading="Privacy" />
        <section class="card stack">
          <cv-switch
            label="Never show my address to members"
            [on]="privacy().everywhere"
            [busy]="busy()"
            (changed)="hide(null, $event)"
            data-testid="hide-everywhere"
          />
          <p class="soft">
            Browsers that connect directly learn each other’s network address, and with it roughly where you are. Hidden, your messages go
            through this site’s TURN server where it has one, and through the relay otherwise: still sealed, sometimes slower. It takes
            effect at once, for this device.
          </p>
          <p class="hint"><a routerLink="/doctor">The connection doctor</a> says whether this site has a TURN server.</p>
        </section>
        @if (rooms().length) {
          <section class="stack" aria-labelledby="by-room">
            <h2 id="by-room">Or only in some rooms</h2>
            <ul class="list">
              @for (room of rooms(); track room.id) {
                <li>
                  <cv-switch
                    [label]="room.name"
                    [on]="privacy().everywhere || privacy().rooms.has(room.id)"
                    [busy]="busy() || privacy().everywhere"
                    (changed)="hide(room.id, $event)"
                    data-testid="hide-in-room"
                  />
                </li>
              }
            </ul>
            <p class="hint">Somebody with whom you share another room as well, where it is not hidden, connects to you as they do there.</p>
          </section>
        }
        <section class="card stack">
          <cv-switch
            label="Tell others when I have read their messages"
            [on]="privacy().tellsRead"
            [busy]="busy()"
            (changed)="tellRead($event)"
            data-testid="tell-read"
          />
          <p class="soft">
            Switched off, they still see that a message arrived, but not that you read it. It takes effect at once, for this device.
          </p>
        </section>
      </div>
    </div>
  `,
  styles: `
    li {
      padding-block: 0.375rem;
    }
  `,
})
export class PrivacyPage {
  readonly #client = inject(CONCLAVE);
  readonly #toasts = inject(Toasts);
  readonly #lines = toSignal(this.#client.rooms);
  protected readonly privacy = toSignal(this.#client.privacy);
  protected readonly rooms = computed(() => [...this.#lines()].sort((a, b) => a.name.localeCompare(b.name)));
  protected readonly busy = signal(false);

  protected async tellRead(on: boolean): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(() => this.#client.tellRead(on));
    this.busy.set(false);
  }

  protected async hide(room: string | null, on: boolean): Promise<void> {
    this.busy.set(true);
    await this.#toasts.attempt(() => this.#client.hideAddress(room, on));
    this.busy.set(false);
  }
}
