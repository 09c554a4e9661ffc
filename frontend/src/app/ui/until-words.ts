import { languageTag, t } from './language.ts';
import { exactTime } from './times.ts';

/** Lengths of time a moderator chooses from. */
export const spans: { words: string; ms: number | null }[] = [
  { words: '10 minutes', ms: 10 * 60_000 },
  { words: '1 hour', ms: 3_600_000 },
  { words: '1 day', ms: 86_400_000 },
  { words: '7 days', ms: 7 * 86_400_000 },
  { words: '30 days', ms: 30 * 86_400_000 },
  { words: 'until it is taken back', ms: null },
];

/** "until 3 Dec 2026, 14:05", or "until it is taken back". */
export function untilWords(until: number | null): string {
  return until === null ? t('until it is taken back') : t('until {time}', { time: exactTime(until) });
}

/** "10m", "2h", "7d", "4w" → milliseconds; null: not a length of time. */
export function readSpan(text: string): number | null {
  const [, count, unit] = /^(\d{1,4})(m|h|d|w)$/i.exec(text) ?? [];
  if (!count) return null;
  return Number(count) * { m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }[unit!.toLowerCase() as 'm' | 'h' | 'd' | 'w'];
}

/** Milliseconds in the largest whole unit: "7 days". */
export function lengthWords(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
  ];
  const [size, unit] = units.find(([size]) => ms >= size && ms % size === 0) ?? [60_000, 'minute'];
  return new Intl.NumberFormat(languageTag(), { style: 'unit', unit, unitDisplay: 'long' }).format(Math.round(ms / size));
}
