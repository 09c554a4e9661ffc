import { languageTag } from './language.ts';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'];

/** "3.4 MB" */
export function sizeWords(bytes: number): string {
  let unit = 0;
  for (; bytes >= 1000 && unit < UNITS.length - 1; unit++) bytes /= 1000;
  const digits = unit === 0 || bytes >= 100 ? 0 : 1;
  return `${bytes.toLocaleString(languageTag(), { maximumFractionDigits: digits })} ${UNITS[unit]}`;
}
