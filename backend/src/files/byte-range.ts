/**
 * The one range a request asks for (RFC 9110, 14.1.2), `to` excluded; null: all of it, also where what is asked for is not understood.
 * 'unsatisfiable': it begins behind the end.
 */
export function byteRange(header: string | undefined, size: number): { from: number; to: number } | 'unsatisfiable' | null {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '') ?? [];
  if (first === undefined || (first === '' && last === '')) return null;
  if (first === '') return Number(last) === 0 ? 'unsatisfiable' : { from: Math.max(0, size - Number(last)), to: size };
  const [from, to] = [Number(first), last === '' ? size : Math.min(size, Number(last) + 1)];
  if (from >= size) return 'unsatisfiable';
  return to <= from ? null : { from, to };
}
