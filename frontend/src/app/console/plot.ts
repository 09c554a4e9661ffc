import { Component, computed, input } from '@angular/core';
import { t, Translate } from '../ui/language.ts';

export type Series = { name: string; values: number[]; strong?: boolean };

const [width, height] = [240, 72];

/** One hour of figures as lines; the newest value stands beside each name. The words tell a screen reader what the lines show. */
@Component({
  selector: 'cv-plot',
  imports: [Translate],
  template: `
    <figure>
      <figcaption>
        @for (each of series(); track each.name) {
          <span [class.strong]="each.strong"
            ><i aria-hidden="true"></i>{{ each.name | t }} <b>{{ each.values.at(-1) ?? 0 }}</b></span
          >
        }
        <span class="soft small">{{ 'at most {highest}' | t: { highest: highest() } }}</span>
      </figcaption>
      <svg [attr.viewBox]="box" preserveAspectRatio="none" role="img" [attr.aria-label]="words()">
        @for (each of series(); track each.name) {
          <polyline [class.strong]="each.strong" [attr.points]="points(each)" vector-effect="non-scaling-stroke" />
        }
      </svg>
    </figure>
  `,
  styles: `
    figure {
      margin: 0;
    }
    figcaption {
      display: flex;
      flex-wrap: wrap;
      gap: 0.25rem 1rem;
      align-items: baseline;
    }
    figcaption .small {
      margin-inline-start: auto;
    }
    i {
      display: inline-block;
      inline-size: 0.75rem;
      block-size: 0;
      margin-inline-end: 0.375rem;
      border-block-start: 2px dashed var(--ink-soft);
      vertical-align: 0.25em;
    }
    .strong i {
      border-block-start: 2px solid var(--brand);
    }
    svg {
      inline-size: 100%;
      block-size: 5rem;
      margin-block-start: 0.5rem;
      border-block-end: 1px solid var(--line);
    }
    polyline {
      fill: none;
      stroke: var(--ink-soft);
      stroke-width: 1.5;
      stroke-dasharray: 4 3;
    }
    polyline.strong {
      stroke: var(--brand);
      stroke-width: 2;
      stroke-dasharray: none;
    }
  `,
})
export class Plot {
  readonly series = input.required<Series[]>();
  protected readonly box = `0 -2 ${width} ${height + 4}`;
  protected readonly highest = computed(() => Math.max(0, ...this.series().flatMap(({ values }) => values)));
  protected readonly words = computed(() =>
    this.series()
      .map(({ name, values }) =>
        t('{name}: now {at}, at most {max} in the last hour', { name: t(name), at: values.at(-1) ?? 0, max: Math.max(0, ...values) }),
      )
      .join('; '),
  );

  protected points({ values }: Series): string {
    const [top, step] = [Math.max(1, this.highest()), width / Math.max(1, values.length - 1)];
    return values.map((value, i) => `${(i * step).toFixed(1)},${(height - (value / top) * height).toFixed(1)}`).join(' ');
  }
}
