/*
 * Which language is spoken here, for pages and for the service worker: it words notices while the app is closed, and knows neither the pages' storage
 * nor their dictionaries. No Angular.
 */
const codes = ['en', 'zh'] as const;
export type LanguageCode = (typeof codes)[number];
export type LanguageChoice = 'system' | LanguageCode;

const [CACHE, ENTRY] = ['conclave-device', '/language'];

/** The first of the browser's languages that there is; English otherwise. */
export function ofSystem(preferred: readonly string[]): LanguageCode {
  const known = preferred.map((tag) => tag.toLowerCase().split('-')[0]!).find((code) => codes.some((each) => each === code));
  return (known as LanguageCode | undefined) ?? 'en';
}

export function asChoice(value: string | null | undefined): LanguageChoice {
  return value === 'en' || value === 'zh' ? value : 'system';
}

/** Tells the worker what was chosen. Where the browser keeps nothing, there is no worker either. */
export async function tellWorker(choice: LanguageChoice): Promise<void> {
  if ('caches' in globalThis) await (await caches.open(CACHE)).put(ENTRY, new Response(choice));
}

/** In the worker: the language of what it shows. */
export async function spokenHere(): Promise<LanguageCode> {
  const kept = await (await caches.open(CACHE)).match(ENTRY).catch(() => undefined);
  const choice = asChoice(await kept?.text());
  return choice === 'system' ? ofSystem(navigator.languages) : choice;
}
