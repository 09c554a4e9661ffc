/**
 * How likely samples differ this much by chance if both come from one distribution: two-sided p of the Mann–Whitney U test, by the normal
 * approximation with corrections for ties and continuity (good from about 20 of each). It looks at ranks only: one slow answer among
 * thousands, which moves any mean, moves nothing here.
 */
export function rankTest(a: readonly number[], b: readonly number[]): number {
  const all = [...a.map((value) => ({ value, first: true })), ...b.map((value) => ({ value, first: false }))].sort(
    (x, y) => x.value - y.value,
  );
  let ranksOfA = 0;
  let ties = 0;
  for (let from = 0, to = 0; from < all.length; from = to) {
    while (to < all.length && all[to]!.value === all[from]!.value) to++;
    const alike = to - from;
    ties += alike ** 3 - alike;
    ranksOfA += all.slice(from, to).filter(({ first }) => first).length * ((from + 1 + to) / 2);
  }
  const total = all.length;
  const u = ranksOfA - (a.length * (a.length + 1)) / 2;
  const deviation = Math.sqrt(((a.length * b.length) / 12) * (total + 1 - ties / (total * (total - 1))));
  if (deviation === 0) return 1; // all alike
  const z = Math.max(0, Math.abs(u - (a.length * b.length) / 2) - 0.5) / deviation;
  return 2 * upperTail(z);
}

/** Of the standard normal distribution, by Abramowitz and Stegun 26.2.17: absolute error below 7.5e-8. */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const polynomial = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}
