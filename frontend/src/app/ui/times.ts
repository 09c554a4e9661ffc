/* Times as people write them, in the reader's own language and zone. */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const shortDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const longDay = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const longDayYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

const DAY = 86_400_000;

export const clockTime = (at: number): string => clock.format(at);
export const exactTime = (at: number): string => exact.format(at);

/** Midnight before `at`, local: equal for two moments of one day. */
export const dayOf = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

const daysBetween = (at: number, now: number): number => Math.round((dayOf(now) - dayOf(at)) / DAY);

/** "Today", "Yesterday", "Monday, 3 March". */
export function dayName(at: number, now: number): string {
  const days = daysBetween(at, now);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
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
  if (size < 90) return seconds <= 0 ? 'just now' : 'in a minute';
  if (size < 5400) return relative.format(Math.round(seconds / 60), 'minute');
  if (size < 36 * 3600) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86400), 'day');
}
