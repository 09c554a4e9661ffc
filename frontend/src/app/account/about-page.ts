import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { CONCLAVE, toSignal } from '../conclave.ts';
import { Mark } from '../ui/mark.ts';
import { PageHead } from '../ui/page-head.ts';
import { Translate } from '../ui/language.ts';

@Component({
  selector: 'cv-about-page',
  imports: [Mark, PageHead, RouterLink, Translate],
  template: `
    <div class="page">
      <div class="page-body">
        <cv-page-head [heading]="'About' | t" />
        <section class="card stack">
          <cv-mark />
          <h2>{{ site()?.name ?? 'Conclave' }}</h2>
          <p class="soft">
            {{ 'Runs on Conclave {version}, at {host}.' | t: { version: site()?.version ?? '', host } }}
          </p>
          <p>
            {{
              'Every message is sealed in the browser of whoever writes it and opened in the browsers of the room’s members. It goes straight from browser to browser where the networks allow it.'
                | t
            }}
            {{
              (site()?.relay === false ? 'For the others it waits at its author.' : 'For the others the server carries it, still sealed.')
                | t
            }}
          </p>
          <p>
            {{
              'The server knows who has an account, who is in which room, and when something was sent. It does not know what was said. Conclave is free software under the AGPL-3.0.'
                | t
            }}
          </p>
          @if (site()?.brand?.url; as url) {
            <p>
              <a [href]="url" rel="noopener">{{ 'To the web site of {name}' | t: { name: site()?.name ?? '' } }}</a>
            </p>
          }
          <p>
            {{ 'Something does not arrive?' | t }} <a routerLink="/doctor">{{ 'The connection doctor' | t }}</a>
            {{ 'says what is wrong and who can mend it.' | t }}
          </p>
        </section>
      </div>
    </div>
  `,
})
export class AboutPage {
  protected readonly site = toSignal(inject(CONCLAVE).site);
  protected readonly host = location.host;
}
