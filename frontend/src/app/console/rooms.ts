import { Component, inject, signal } from '@angular/core';
import { MatButton } from '@angular/material/button';
import type { AdminRoom } from '../../../../libs/protocol/src/console.ts';
import { CONCLAVE } from '../conclave.ts';
import { roomKinds } from '../ui/room-kinds.ts';
import { Avatar } from '../ui/avatar.ts';
import { Confirm } from '../ui/confirm.ts';
import { SearchField } from '../ui/search-field.ts';
import { Toasts } from '../ui/toasts.ts';
import { NextPage } from './next-page.ts';
import { Paged } from './paged.ts';
import { t, Translate } from '../ui/language.ts';

/** Every room but direct conversations, with no way in: who wants to read joins like everybody else, and is seen. */
@Component({
  selector: 'cv-console-rooms',
  imports: [Avatar, MatButton, NextPage, SearchField, Translate],
  template: `
    <div class="filters">
      <cv-search-field [label]="'Search rooms' | t" [placeholder]="'Name or topic' | t" (typed)="paged.search($event)" />
      <label
        ><span class="visually-hidden">{{ 'Which rooms' | t }}</span>
        <select class="input" (change)="archived.set($any($event.target).value); paged.load()">
          <option value="">{{ 'All' | t }}</option>
          <option value="false">{{ 'Open' | t }}</option>
          <option value="true">{{ 'Archived' | t }}</option>
        </select>
      </label>
    </div>
    <p class="soft small">{{ (total() === 1 ? '1 room' : '{count} rooms') | t: { count: total() } }}</p>
    @if (paged.items(); as rooms) {
      <ul class="list">
        @for (room of rooms; track room.id) {
          <li class="line" data-testid="console-room">
            <cv-avatar [id]="room.id" [name]="room.icon ?? room.name" [square]="true" />
            <span class="words">
              <span class="name"
                ><bdi>{{ room.name }}</bdi>
                <span class="chip">{{ kinds[room.kind].name | t }}</span>
                @if (room.archivedAt) {
                  <span class="chip grave">{{ 'Archived' | t }}</span>
                }
              </span>
              <span class="soft small"
                >{{ (room.members === 1 ? '1 member' : '{count} members') | t: { count: room.members } }} ·
                {{ (room.devices === 1 ? '1 device' : '{count} devices') | t: { count: room.devices } }} ·
                {{ '{count} online' | t: { count: room.online } }} · {{ '{count} waiting' | t: { count: room.waiting } }}
                @if (room.owners.length) {
                  · {{ 'owned by {names}' | t: { names: room.owners.join(', ') } }}
                }
              </span>
            </span>
            @if (room.archivedAt) {
              <button matButton="outlined" (click)="unarchive(room)">{{ 'Open again' | t }}</button>
            } @else {
              <button matButton="outlined" (click)="archive(room)">{{ 'Archive…' | t }}</button>
            }
            <button matButton="outlined" class="danger" (click)="destroy(room)">{{ 'Delete…' | t }}</button>
          </li>
        } @empty {
          <li class="line soft">{{ 'No room has these words in its name or topic.' | t }}</li>
        }
      </ul>
    }
    <cv-next-page [paged]="paged" />
  `,
  styleUrl: './table.scss',
})
export class Rooms {
  readonly #console = inject(CONCLAVE).console;
  readonly #confirm = inject(Confirm);
  readonly #toasts = inject(Toasts);
  protected readonly kinds = roomKinds;
  protected readonly archived = signal<'' | 'true' | 'false'>('');
  protected readonly total = signal(0);
  protected readonly paged = new Paged<AdminRoom>(async (query) => {
    const archived = this.archived();
    const { rooms, next, total } = await this.#console.rooms({ ...query, ...(archived ? { archived } : {}) });
    this.total.set(total);
    return { items: rooms, next };
  });

  protected async archive(room: AdminRoom): Promise<void> {
    const text = [t('Nobody can write in it or join it any more; members keep what they have. You can open it again.')];
    if (await this.#confirm.ask({ title: t('Archive {name}?', { name: room.name }), text, yes: 'Archive', danger: true }))
      await this.#do(() => this.#console.archiveRoom(room.id));
  }
  protected async unarchive(room: AdminRoom): Promise<void> {
    await this.#do(() => this.#console.unarchiveRoom(room.id));
  }
  protected async destroy(room: AdminRoom): Promise<void> {
    const text = [
      t('{members} members lose it, and {waiting} sealed envelopes that wait are dropped. It cannot be taken back.', {
        members: room.members,
        waiting: room.waiting,
      }),
    ];
    if (await this.#confirm.ask({ title: t('Delete {name}?', { name: room.name }), text, yes: t('Delete room'), danger: true }))
      await this.#do(() => this.#console.deleteRoom(room.id));
  }

  async #do(deed: () => Promise<void>): Promise<void> {
    await this.#toasts.attempt(deed);
    await this.paged.load();
  }
}
