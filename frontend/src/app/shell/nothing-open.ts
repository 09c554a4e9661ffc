import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { MatButton } from '@angular/material/button';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Mark } from '../ui/mark.ts';
import { Translate } from '../ui/language.ts';

@Component({
  selector: 'cv-nothing-open',
  imports: [Mark, MatButton, RouterLink, Translate],
  template: `
    <section>
      <cv-mark />
      @if (rooms().length) {
        <h1>{{ 'Choose a room' | t }}</h1>
        <p class="soft">{{ 'Your rooms are in the list. What you write in them is sealed here and opened only by their members.' | t }}</p>
      } @else {
        <h1>{{ 'You are in no room yet' | t }}</h1>
        <p class="soft">{{ 'Join one that is listed, or make your own and invite people to it.' | t }}</p>
        <a matButton="filled" routerLink="/directory">{{ 'Find a room' | t }}</a>
      }
    </section>
  `,
  styles: `
    section {
      block-size: 100%;
      display: grid;
      place-content: center;
      justify-items: center;
      text-align: center;
      gap: 0.75rem;
      padding: 2rem;
    }
    cv-mark {
      inline-size: 3.5rem;
      margin-block-end: 0.5rem;
    }
    p {
      max-inline-size: 26rem;
    }
    /* On phones the room list beside it has the same link, in sight. */
    @media (max-width: 47.99rem) {
      a {
        display: none;
      }
    }
  `,
})
export class NothingOpen {
  protected readonly rooms = toSignal(inject(CONCLAVE).rooms);
}
