import { writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** One line of the table. `met` is null where there is no verdict. */
export type Row = { figure: string; what: string; goal: string; measured: string; met: boolean | null; embedded?: string };

export class Report {
  readonly #rows: Row[] = [];
  readonly #begun = new Date();
  readonly #load = loadavg()[0]!;

  /** A quick run is no measurement: it gives no verdicts. */
  constructor(private readonly quick: boolean) {}

  add(measured: Row): void {
    const row = this.quick ? { ...measured, met: null } : measured;
    if (/NaN|Infinity/.test(row.measured + (row.embedded ?? ''))) throw new Error(`${row.figure} was not measured: ${row.measured}`);
    this.#rows.push(row);
    const verdict = row.met === null ? '      ' : row.met ? 'met   ' : 'MISSED';
    console.log(
      `${row.figure.padEnd(4)} ${verdict} ${row.what}: ${row.measured} (goal: ${row.goal})${row.embedded ? `; embedded: ${row.embedded}` : ''}`,
    );
  }

  /** Those of these figures that have no line. */
  missing(figures: string[]): string[] {
    return figures.filter((wanted) => !this.#rows.some(({ figure }) => figure === wanted));
  }

  markdown(): string {
    const cells = this.#rows.map(({ figure, what, goal, measured, met, embedded }) => [
      figure,
      what,
      goal,
      measured,
      met === null ? '–' : met ? 'yes' : '**no**',
      embedded ?? '',
    ]);
    const head = ['#', 'what', 'goal', 'measured', 'met', 'embedded database'];
    return [
      ...(this.quick ? ['A quick run: it shows that every figure is produced, and nothing about speed.', ''] : []),
      `Measured ${this.#begun.toISOString().slice(0, 16).replace('T', ' ')} UTC on ${machine()}; load average ${this.#load.toFixed(1)} when it began.`,
      '',
      ...[head, head.map(() => '---'), ...cells].map((row) => `| ${row.join(' | ')} |`),
      '',
    ].join('\n');
  }

  write(file: string): void {
    writeFileSync(file, this.markdown());
  }
}

function machine(): string {
  const [cpu] = cpus();
  return `${cpus().length} × ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`;
}
