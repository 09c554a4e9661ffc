import { signal } from '@angular/core';
import type { HLJSApi } from 'highlight.js';

/* Colours for code (MSG3): the library is loaded when the first code with a named language is shown. */
let library: HLJSApi | null = null;
let loading = false;
const loaded = signal(0);

/** Changes when code can be coloured that could not be before. */
export const highlighting = (): number => loaded();

/** Longer code stays plain: colouring takes time by its length, and somebody else chose it. */
const longest = 8_000;

/** HTML with classes `hljs-…`, or null: unknown language, too long, or not loaded yet. */
export function highlighted(code: string, language: string): string | null {
  if (!language || code.length > longest) return null;
  if (!library) {
    void load();
    return null;
  }
  return library.getLanguage(language) ? library.highlight(code, { language, ignoreIllegals: true }).value : null;
}

async function load(): Promise<void> {
  if (loading) return;
  loading = true;
  try {
    library = (await import('highlight.js/lib/common')).default;
    loaded.set(1);
  } catch {
    loading = false; // no server to load it from: code stays plain, and the next one shown tries again
  }
}
