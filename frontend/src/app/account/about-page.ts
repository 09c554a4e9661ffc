import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Mark } from '../ui/mark.ts';
import { PageHead } from '../ui/page-head.ts';

@Component({
  selector: 'cv-about-page',
  imports: [Mark, PageHead, RouterLink],
  template: `
    <div class="page">
      <div class="page-body">
        <cv-page-head heading="About" />
        <section class="card stack">
          <cv-mark />
          <h2>{{ site()?.name ?? 'Conclave' }}</h2>
          <p class="soft">Runs on Conclave{{ site()?.version ? ' ' + site()?.version : '' }}, at {{ host }}.</p>
          <p>
            Every message is sealed in the browser of whoever writes it and opened in the browsers of the room’s members. It goes straight
            from browser to browser where the networks allow it. For the others{{
              site()?.relay === false ? ' it waits at its author' : ' the server carries it, still sealed'
            }}.
          </p>
          <p>
            The server knows who has an account, who is in which room, and when something was sent. It does not know what was said. Conclave
            is free software under the AGPL-3.0.
          </p>
          <p>Something does not arrive? <a routerLink="/doctor">The connection doctor</a> says what is wrong and who can mend it.</p>
        </section>
      </div>
    </div>
  `,
})
export class AboutPage {
  protected readonly site = toSignal(inject(CONCLAVE).site);
  protected readonly host = location.host;
}
