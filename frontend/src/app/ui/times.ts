import { languageTag, t } from './language.ts';

/* Times as people write them, in the language of the screens and the reader's own zone. */
/** One formatter for each language, made when it is first needed: they are dear to make. */
function formatter(options: Intl.DateTimeFormatOptions): { format: (at: number) => string } {
  const made = new Map<string, Intl.DateTimeFormat>();
  return {
    format: (at) => {
      const tag = languageTag();
      const known = made.get(tag) ?? new Intl.DateTimeFormat(tag === browserTag() ? undefined : tag, options);
      made.set(tag, known);
      return known.format(at);
    },
  };
}
/** In their own language people have their own ways: 3 March or March 3. */
const browserTag = (): string => navigator.language.split('-')[0]!;

const clock = formatter({ hour: '2-digit', minute: '2-digit' });
const weekday = formatter({ weekday: 'short' });
const shortDay = formatter({ day: 'numeric', month: 'short' });
const longDay = formatter({ weekday: 'long', day: 'numeric', month: 'long' });
const longDayYear = formatter({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const exact = formatter({ dateStyle: 'medium', timeStyle: 'short' });
const relative = {
  format: (value: number, unit: Intl.RelativeTimeFormatUnit) =>
    new Intl.RelativeTimeFormat(languageTag(), { numeric: 'auto' }).format(value, unit),
};

const DAY = 86_400_000;

export const clockTime = (at: number): string => clock.format(at);
export const exactTime = (at: number): string => exact.format(at);

/** Midnight before `at`, local: equal for two moments of one day. */
export const dayOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

const daysBetween = (at: number, now: number): number => Math.round((dayOf(now) - dayOf(at)) / DAY);

/** "Today", "Yesterday", "Monday, 3 March". */
export function dayName(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0) return t('Today');
  if (days === 1) return t('Yesterday');
  return (days < 300 ? longDay : longDayYear).format(at);
}

/** For a list: the clock today, the weekday within a week, then the date. */
export function briefTime(at: number, now: number): string {
  const days = daysBetween(at, now);
  return days <= 0 ? clockTime(at) : days < 7 ? weekday.format(at) : shortDay.format(at);
}

/** "2 hours ago", "in 6 days". */
export function fromNow(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 90) return seconds <= 0 ? t('just now') : t('in a minute');
  if (size < 5400) return relative.format(Math.round(seconds / 60), 'minute');
  if (size < 36 * 3600) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86400), 'day');
}
