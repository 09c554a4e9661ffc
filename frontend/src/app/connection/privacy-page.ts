import { Component, computed, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { RouterLink } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { PageHead } from '../ui/page-head.ts';
import { Switch } from '../ui/switch.ts';
import { Toasts } from '../ui/toasts.ts';
import { Translate } from '../ui/language.ts';

/** Who may see the address of this device (MESH10): a switch for all rooms, and one for each. */
@Component({
  selector: 'cv-privacy-page',
  imports: [MatButton, PageHead, RouterLink, Switch, Translate],
  template: `
    <div class="page">
      <div class="page-body">
        <cv-page-head [heading]="'Privacy' | t" />
        <section class="card stack">
          <cv-switch
            [label]="'Never show my address to members' | t"
            [on]="privacy().everywhere"
            [busy]="busy()"
            (changed)="hide(null, $event)"
            data-testid="hide-everywhere"
          />
          <p class="soft">
            {{
              'Browsers that connect directly learn each other’s network address, and with it roughly where you are. Hidden, your messages go through this site’s TURN server where it has one, and through the relay otherwise: still sealed, sometimes slower. It takes effect at once, for this device.'
                | t
            }}
          </p>
          <p class="hint">
            <a routerLink="/doctor">{{ 'The connection doctor' | t }}</a> {{ 'says whether this site has a TURN server.' | t }}
          </p>
        </section>
        @if (rooms().length) {
          <section class="stack" aria-labelledby="by-room">
            <h2 id="by-room">{{ 'Or only in some rooms' | t }}</h2>
            <ul class="list">
              @for (room of rooms(); track room.id) {
                <li>
                  @if (room.name) {
                    <cv-switch
                      [label]="room.name"
                      [on]="privacy().everywhere || privacy().rooms.has(room.id)"
                      [busy]="busy() || privacy().everywhere"
                      (changed)="hide(room.id, $event)"
                      data-testid="hide-in-room"
                    />
                  } @else {
                    <span class="skeleton"></span>
                  }
                </li>
              }
            </ul>
            <p class="hint">
              {{ 'Somebody with whom you share another room as well, where it is not hidden, connects to you as they do there.' | t }}
            </p>
          </section>
        }
        <section class="card stack">
          <cv-switch
            [label]="'Tell others when I have read their messages' | t"
            [on]="privacy().tellsRead"
            [busy]="busy()"
            (changed)="tellRead($event)"
            data-testid="tell-read"
          />
          <p class="soft">
            {{
              'Switched off, they still see that a message arrived, but not that you read it. It takes effect at once, for this device.' | t
            }}
          </p>
        </section>
        @if (blocked().length) {
          <section class="stack" aria-labelledby="blocked">
            <h2 id="blocked">{{ 'People you have blocked' | t }}</h2>
            <ul class="list">
              @for (user of blocked(); track user) {
                <li class="row">
                  <bdi>{{ nameOf(user) }}</bdi> <button matButton (click)="unblock(user)" data-testid="unblock">{{ 'Unblock' | t }}</button>
                </li>
              }
            </ul>
          </section>
        }
      </div>
    </div>
  `,
  styles: `
    li {
      padding-block: 0.375rem;
    }
    .skeleton {
      block-size: 2.75rem;
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
  readonly #blocks = toSignal(this.#client.blocks.users);
  protected readonly blocked = computed(() => [...this.#blocks()]);
  protected readonly names = signal<ReadonlyMap<string, string>>(new Map());

  constructor() {
    void this.#load();
  }

  protected nameOf(user: string): string {
    return this.names().get(user) ?? '…';
  }
  protected async unblock(user: string): Promise<void> {
    await this.#toasts.attempt(() => this.#client.blocks.unblock(user));
  }
  async #load(): Promise<void> {
    for (const user of this.blocked())
      await this.#toasts.attempt(async () => {
        const { displayName } = await this.#client.account.of(user);
        this.names.update((names) => new Map(names).set(user, displayName));
      });
  }

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
