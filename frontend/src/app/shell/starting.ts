import { Component } from '@angular/core';
import { Mark } from '../ui/mark.ts';
import { Translate } from '../ui/language.ts';

@Component({
  selector: 'cv-starting',
  imports: [Mark, Translate],
  template: `<main aria-busy="true">
    <cv-mark />
    <p class="visually-hidden" role="status">{{ 'Conclave is starting' | t }}</p>
  </main>`,
  styles: `
    main {
      display: grid;
      place-items: center;
      block-size: 100dvh;
    }
    cv-mark {
      inline-size: 4rem;
      opacity: 0;
      animation: appear 0.2s 0.3s forwards;
    }
  `,
})
export class Starting {}
