import { parseArgs } from 'node:util';

/** How much is measured. A quick run shows that every figure is produced; only a full one says anything about speed. */
export type Options = { quick: boolean; report: string | null; only: Set<string> | null; runs: number; seconds: number };

export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: { quick: { type: 'boolean', default: false }, report: { type: 'string' }, only: { type: 'string' } },
  });
  const only = values.only === undefined ? null : new Set(values.only.split(','));
  return { quick: values.quick, report: values.report ?? null, only, runs: values.quick ? 1 : 3, seconds: values.quick ? 1 : 3 };
}
