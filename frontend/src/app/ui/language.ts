import { DOCUMENT, effect, inject, Injectable, isDevMode, Pipe, signal, type PipeTransform } from '@angular/core';
import {
  provideTransloco,
  provideTranslocoMissingHandler,
  provideTranslocoTranspiler,
  TranslocoService,
  type Translation,
  type TranslocoLoader,
  type TranslocoMissingHandler,
  type TranslocoTranspiler,
} from '@jsverse/transloco';
import { asChoice, ofSystem, tellWorker, type LanguageChoice, type LanguageCode } from './spoken.ts';

/*
 * The languages of the screens (APP4). English stands in the sources and is the key; another language is a dictionary from whole English
 * phrases (chinese.ts), loaded when it is chosen. `{name}` in a phrase is a place for a value.
 */
export const languages: Record<LanguageCode, string> = { en: 'English', zh: '中文' };
export type { LanguageChoice } from './spoken.ts';
type Values = Record<string, string | number>;
const KEY = 'conclave.language';

/** Counts what has been loaded or chosen: whatever a template asked of `t` is asked again. */
const version = signal(0);
let service: TranslocoService | null = null;

/** The phrase in the reader's language, with its values in place; a phrase no dictionary has stays English. To be called while a screen is drawn, not kept. */
export function t(phrase: string, values?: Values): string {
  version();
  return service ? service.translate<string>(phrase, values) : filled(phrase, values);
}

/** The reader's language for what the browser itself puts into words: lists, lengths of time, dates. */
export function languageTag(): string {
  version();
  return service?.getActiveLang() ?? 'en';
}

/** Once through the phrase, never through a value: somebody may be called `{name}`. The library's own goes on until no brace is left. */
export function filled(phrase: string, values: Values | undefined): string {
  return values ? phrase.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place)) : phrase;
}

/** `{{ 'Write to {name}' | t: { name } }}` */
@Pipe({ name: 't', pure: false })
export class Translate implements PipeTransform {
  transform(phrase: string, values?: Values): string {
    return t(phrase, values);
  }
}

class OncePerPhrase implements TranslocoTranspiler {
  transpile({ value, params }: { value: unknown; params?: Values }): string {
    return filled(String(value), params);
  }
}
class PhraseAsItStands implements TranslocoMissingHandler {
  handle(phrase: string, _data: unknown, values?: Values): string {
    return filled(phrase, values);
  }
}
class Dictionaries implements TranslocoLoader {
  async getTranslation(code: string): Promise<Translation> {
    return code === 'zh' ? (await import('./chinese.ts')).chinese : {};
  }
}

export const provideLanguages = () => [
  provideTransloco({
    config: {
      availableLangs: Object.keys(languages),
      defaultLang: 'en',
      reRenderOnLangChange: false,
      prodMode: !isDevMode(),
      flatten: { aot: true },
      missingHandler: { logMissingKey: false, useFallbackTranslation: false },
    },
    loader: Dictionaries,
  }),
  provideTranslocoTranspiler(OncePerPhrase),
  provideTranslocoMissingHandler(PhraseAsItStands),
];

/** The chosen language of this browser, or the system's. */
@Injectable({ providedIn: 'root' })
export class Language {
  readonly #transloco = inject(TranslocoService);
  readonly choice = signal<LanguageChoice>(stored());
  readonly current = signal<LanguageCode>('en');

  constructor() {
    const root = inject(DOCUMENT).documentElement;
    service = this.#transloco;
    effect(() => {
      const choice = this.choice();
      tellWorker(choice).catch(() => undefined); // storage is blocked: then nothing of ours runs without a page
      void this.#speak(choice === 'system' ? ofSystem(navigator.languages) : choice, root);
    });
  }

  choose(choice: LanguageChoice): void {
    this.choice.set(choice);
    try {
      localStorage.setItem(KEY, choice);
    } catch {
      // Storage is blocked: the choice holds until the page is closed.
    }
  }

  async #speak(code: LanguageCode, root: HTMLElement): Promise<void> {
    await new Promise<void>((done) => this.#transloco.load(code).subscribe({ complete: done, error: () => done() }));
    this.#transloco.setActiveLang(code);
    root.lang = code;
    this.current.set(code);
    version.update((count) => count + 1);
  }
}

function stored(): LanguageChoice {
  try {
    return asChoice(localStorage.getItem(KEY));
  } catch {
    return 'system';
  }
}
