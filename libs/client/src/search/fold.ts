/*
 * Folding makes equal what people type as equal: upper and lower case, full and half width, compatibility forms (NFKD), and letters with
 * marks above or below them. It works character by character, so that what was found in the folded text can be shown in the text itself.
 */

/** Marks of Latin, Greek and Cyrillic, Hebrew points, Arabic vowels. Not those of scripts whose marks are vowels one cannot leave out. */
const marks = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/g;
const gaps = /\s+/g;

/** Runs of white space become one space. */
export function fold(text: string): string {
  return folded(text).replace(gaps, ' ').trim();
}

/** Where these folded words stand in a text: half-open, in UTF-16 units, in order, without overlap. */
export function foundIn(text: string, words: readonly string[]): { from: number; to: number }[] {
  const { plain, at } = foldedWithPlaces(text);
  const found = words
    .filter((word) => word !== '')
    .flatMap((word) => allOf(plain, word))
    .sort((a, b) => a.from - b.from || b.to - a.to);
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of found) {
    const range = { from: at[from]!, to: at[to - 1]! + lengthAt(text, at[to - 1]!) };
    const last = ranges.at(-1);
    if (last && range.from <= last.to) last.to = Math.max(last.to, range.to);
    else ranges.push(range);
  }
  return ranges;
}

function folded(text: string): string {
  return text.normalize('NFKD').replace(marks, '').toLowerCase().replaceAll('ς', 'σ').replaceAll('ß', 'ss');
}

/** The folded text, and for each of its units where in the text its character begins. */
function foldedWithPlaces(text: string): { plain: string; at: number[] } {
  const at: number[] = [];
  let plain = '';
  let place = 0;
  for (const character of text) {
    const piece = folded(character).replace(gaps, ' ');
    if (!(piece === ' ' && plain.endsWith(' '))) {
      plain += piece;
      for (let i = 0; i < piece.length; i++) at.push(place);
    }
    place += character.length;
  }
  return { plain, at };
}

function allOf(text: string, word: string): { from: number; to: number }[] {
  const found = [];
  for (let from = text.indexOf(word); from >= 0; from = text.indexOf(word, from + word.length))
    found.push({ from, to: from + word.length });
  return found;
}

/** A character, and the marks that stand on it. */
function lengthAt(text: string, at: number): number {
  let length = String.fromCodePoint(text.codePointAt(at)!).length;
  while (at + length < text.length && folded(text[at + length]!) === '') length++;
  return length;
}
