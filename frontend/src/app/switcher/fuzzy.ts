import { fold } from '../../../../libs/client/src/search/fold.ts';

/**
 * How well typed letters fit a name; 0: not at all. All of them are in it, in order (folded: case, accents and width do not matter). Whole
 * beginnings are better than beginnings of words, these better than anything in the middle, and that better than letters here and there.
 */
export function fits(typed: string, name: string): number {
  const [letters, whole] = [fold(typed), fold(name)];
  if (letters === '') return 1;
  if (whole.startsWith(letters)) return 5;
  if (whole.includes(` ${letters}`)) return 4;
  if (whole.includes(letters)) return 3;
  return inOrder(letters, whole) ? 2 : 0;
}

function inOrder(letters: string, whole: string): boolean {
  let at = 0;
  for (const letter of letters.replaceAll(' ', '')) {
    at = whole.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

/** Those that fit, best first; equals stay in their order. */
export function best<T>(typed: string, all: readonly T[], namesOf: (one: T) => string[]): T[] {
  return all
    .map((one) => ({ one, fit: Math.max(...namesOf(one).map((name) => fits(typed, name))) }))
    .filter(({ fit }) => fit > 0)
    .sort((a, b) => b.fit - a.fit)
    .map(({ one }) => one);
}
