/** What a lab measured: told at once, and as a table at its end. */
export class Figures {
  readonly #rows: [what: string, value: string][] = [];

  tell(what: string, value: string): void {
    this.#rows.push([what, value]);
    console.log(`${what}: ${value}`);
  }

  seconds(what: string, ms: number): void {
    this.tell(what, `${(ms / 1000).toFixed(1)} s`);
  }

  /** `tools/lab.ts` passes lines that begin with a bar on. */
  print(title: string): void {
    console.log([`| ${title} | measured |`, '| --- | --- |', ...this.#rows.map(([what, value]) => `| ${what} | ${value} |`)].join('\n'));
  }
}
