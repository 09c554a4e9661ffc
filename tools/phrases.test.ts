import { describe, expect, it } from 'vitest';
import { chinese } from '../frontend/src/app/ui/chinese.ts';
import { filesIn, ofTemplate, phrasesIn } from './phrases.ts';
import { templatesOf, unmarkedIn } from './unmarked.ts';

const phrases = phrasesIn(process.cwd());
const places = (phrase: string) => [...phrase.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe('the Chinese of the screens (APP4)', () => {
  it('has every phrase the sources show', () => {
    const missing = [...phrases].filter(([phrase]) => !Object.hasOwn(chinese, phrase)).map(([phrase, file]) => `${file}: ${phrase}`);
    expect(missing).toEqual([]);
  });
  it('has no phrase that nothing shows any more', () => expect(Object.keys(chinese).filter((phrase) => !phrases.has(phrase))).toEqual([]));
  it('puts the same values into every phrase', () =>
    expect(Object.entries(chinese).filter(([english, words]) => places(english).join() !== places(words).join())).toEqual([]));
});

describe('templates', () => {
  it('show no words that pass no dictionary', () => {
    const files = filesIn('frontend/src/app');
    expect(files.flatMap((file) => templatesOf(file).flatMap((template) => unmarkedIn(template, file)))).toEqual([]);
  });
  it('are seen through: text, choices, attributes, and what stands beside a value', () =>
    expect(
      unmarkedIn(
        `@if (a) { <p title="Hello">{{ 'Yes' | t }}</p> } @else { <b>No</b> {{ n }} rooms <kbd>Ctrl</kbd> } <i heading="To {{ x }}"></i>`,
        'x',
      ),
    ).toEqual(['x: title="Hello"', 'x: No', 'x: {{ n }} rooms', 'x: heading="To {{ x }}"']));
});

describe('reading phrases', () => {
  it('finds both branches of a choice, and not what is compared', () =>
    expect(ofTemplate(`<p [title]="(kind === 'open' ? 'Listed' : 'In no list') | t">{{ 'Hello {name}' | t: { name } }}</p>`)).toEqual([
      'Listed',
      'In no list',
      'Hello {name}',
    ]));
  it('leaves alone what is not translated', () => expect(ofTemplate(`<p class="soft" [id]="'a b'">{{ 'x' }} plain</p>`)).toEqual([]));
});
