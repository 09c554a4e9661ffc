const BARS = 48;

/** As many bars as are drawn, 0…100, however long it was: the loudest moment of each stretch. */
export function barsOf(levels: number[]): number[] {
  const loudest = Math.max(0.02, ...levels);
  return Array.from({ length: Math.min(BARS, levels.length) }, (_, i, all = Math.min(BARS, levels.length)) => {
    const stretch = levels.slice(Math.floor((i * levels.length) / all), Math.max(1, Math.floor(((i + 1) * levels.length) / all)));
    return Math.round((Math.max(0, ...stretch) / loudest) * 100);
  });
}

/** How loud it is just now, 0…1. */
export function levelOf(samples: Float32Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}
