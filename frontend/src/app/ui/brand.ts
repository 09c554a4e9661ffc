import { DOCUMENT, effect, inject, Injectable } from '@angular/core';
import { CONCLAVE, toSignal } from '../conclave.ts';

type Rgb = readonly [number, number, number];
const white: Rgb = [255, 255, 255];
const black: Rgb = [0, 0, 0];
/** The grounds of the two themes (styles.scss). */
const grounds = { light: '#f6f4ef', dark: '#14181a' } as const;
/** WCAG 2.2 AA for text. */
const enough = 4.5;

/** The house's colour in place of ours (APP2), as far from the ground as text needs it. */
@Injectable({ providedIn: 'root' })
export class BrandColor {
  readonly #site = toSignal(inject(CONCLAVE).site);

  constructor() {
    const { style } = inject(DOCUMENT).documentElement;
    effect(() => {
      const color = this.#site()?.brand.color;
      for (const [name, value] of color ? paint(color) : []) style.setProperty(name, value);
    });
  }
}

/** The variables of styles.scss that are the brand's; both themes at once. */
export function paint(color: string): [name: string, value: string][] {
  const [light, dark] = [readable(rgb(color), 'light'), readable(rgb(color), 'dark')];
  return [
    ['--brand', `light-dark(${hex(light)}, ${hex(dark)})`],
    ['--on-brand', `light-dark(${hex(onTop(light))}, ${hex(onTop(dark))})`],
    ['--brand-soft', 'color-mix(in oklab, var(--brand) 14%, var(--surface))'],
    ['--on-brand-soft', 'var(--ink)'],
    ['--focus', 'var(--brand)'],
  ];
}

/** Nearer to black or white until it can be read on the ground. */
function readable(color: Rgb, theme: keyof typeof grounds): Rgb {
  const ground = rgb(grounds[theme]);
  for (let share = 0; share < 1; share += 0.04) {
    const mixed = mix(color, theme === 'light' ? black : white, share);
    // The soft ground of bubbles is nearer to the colour than the ground itself.
    if (contrast(mixed, mix(ground, mixed, 0.14)) >= enough) return mixed;
  }
  return theme === 'light' ? black : white;
}

const onTop = (color: Rgb): Rgb => (contrast(color, white) >= enough ? white : black);

/** Ratio of WCAG 2.2, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: Rgb): number {
  const [r = 0, g = 0, b = 0] = color.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

const mix = (a: Rgb, b: Rgb, share: number): Rgb => [0, 1, 2].map((i) => a[i]! + (b[i]! - a[i]!) * share) as unknown as Rgb;
export const rgb = (color: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as unknown as Rgb;
const hex = (color: Rgb): string => `#${color.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`;
