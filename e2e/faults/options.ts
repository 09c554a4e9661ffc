import { parseArgs } from 'node:util';

export type Options = {
  seed: number;
  minutes: number;
  report: string | null;
  /** Only faults whose name holds this, once each, or `controls`; nothing else runs. */
  only: string | null;
  /** One trial again, by the seed that was printed for it; with `only`. */
  trial: number | null;
};

export const usage = `npm run faults -- [--seed N] [--minutes M] [--report FILE] [--only TEXT [--trial SEED]]`;

/** Throws with what is wrong. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string' },
      report: { type: 'string' },
      only: { type: 'string' },
      trial: { type: 'string' },
    },
  });
  const whole = (name: 'seed' | 'minutes' | 'trial', max: number): number | null => {
    const text = values[name];
    if (text === undefined) return null;
    if (!/^\d+$/.test(text) || Number(text) > max) throw new Error(`--${name} must be a whole number up to ${max}`);
    return Number(text);
  };
  const only = values.only ?? null;
  const trial = whole('trial', 2 ** 32);
  if (trial !== null && only === null) throw new Error('--trial needs --only with the name of its fault');
  return {
    seed: whole('seed', 2 ** 32) ?? Math.floor(Math.random() * 1e9),
    minutes: whole('minutes', 24 * 60) ?? 0,
    report: values.report ?? null,
    only,
    trial,
  };
}
