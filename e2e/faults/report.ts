import { cpus } from 'node:os';
import type { Outcome } from './block.ts';
import type { Caught } from './plant-all.ts';

export type Line = { fault: string; trials: number; blows: number; met: number; failed: number; worstMs: number | null };
export type Report = {
  seed: number;
  minutes: number;
  commit: string;
  begun: string;
  seconds: number;
  machine: string;
  passed: boolean;
  trials: number;
  messages: number;
  /** Of all blows, how many met submissions that were under way. */
  metShare: number;
  worstMs: number;
  faults: Line[];
  missing: string[];
  controls: Caught[];
  failures: string[];
  /** Worlds that died in native code of the harness and were begun anew. */
  crashes: string[];
};

export type Facts = Pick<Report, 'seed' | 'minutes' | 'commit' | 'begun' | 'seconds' | 'missing' | 'controls' | 'failures' | 'crashes'>;

export function reportOf(facts: Facts, outcomes: readonly Outcome[]): Report {
  const blows = outcomes.flatMap((outcome) => outcome.blows);
  const met = blows.filter(({ underWay }) => underWay > 0).length;
  return {
    ...facts,
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`,
    passed: facts.failures.length === 0,
    trials: outcomes.length,
    messages: outcomes.reduce((sum, { messages }) => sum + messages, 0),
    metShare: blows.length === 0 ? 1 : met / blows.length,
    worstMs: Math.max(0, ...outcomes.map(({ convergedMs }) => convergedMs ?? 0)),
    faults: lines(outcomes),
  };
}

function lines(outcomes: readonly Outcome[]): Line[] {
  const names = [...new Set(outcomes.map(({ fault }) => fault))].sort();
  return names.map((fault) => {
    const trials = outcomes.filter((outcome) => outcome.fault === fault);
    const blows = trials.flatMap((outcome) => outcome.blows);
    const times = trials.flatMap(({ convergedMs }) => (convergedMs === null ? [] : [convergedMs]));
    return {
      fault,
      trials: trials.length,
      blows: blows.reduce((sum, { count }) => sum + count, 0),
      met: blows.filter(({ underWay }) => underWay > 0).reduce((sum, { count }) => sum + count, 0),
      failed: trials.filter(({ findings }) => findings.length > 0).length,
      worstMs: times.length ? Math.max(...times) : null,
    };
  });
}

export function markdown(report: Report): string {
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const rows = report.faults.map(
    ({ fault, trials, blows, met, failed, worstMs }) =>
      `| ${fault} | ${trials} | ${blows} | ${percent(blows ? met / blows : 1)} | ${worstMs ?? '—'} | ${failed} |`,
  );
  return `# Faults, seed ${report.seed}

${report.passed ? 'Passed' : 'FAILED'}: ${report.trials} trials in ${Math.round(report.seconds / 60)} minutes, ${report.messages} messages said, 5 people, commit ${report.commit}.
${percent(report.metShare)} of the blows met submissions that were under way. Transcripts were equal ${report.worstMs} ms after healing at the latest.
Begun ${report.begun}; ${report.machine}. Again: \`npm run faults -- --seed ${report.seed} --minutes ${report.minutes}\`

| fault | trials | blows | in flight | equal after at most (ms) | failed |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

## Planted bugs

${report.controls.map(({ name, caught, by }) => `- ${name}: ${caught ? `caught (${by})` : '**not caught**'}`).join('\n') || 'none were planted'}
${report.missing.length ? `\n## Not in this run\n\n${report.missing.map((line) => `- ${line}`).join('\n')}\n` : ''}${report.crashes.length ? `\n## Worlds begun anew\n\nThe process of these ended in the native code of the WebRTC library for Node, which is no part of the product; the trial under way was not audited.\n\n${report.crashes.map((line) => `- ${line}`).join('\n')}\n` : ''}${report.failures.length ? `\n## Failures\n\n${report.failures.map((line) => `- ${line}`).join('\n')}\n` : ''}`;
}
