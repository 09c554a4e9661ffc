import { relative } from 'node:path';
import type { Reporter, TestCase } from 'vitest/node';

/**
 * How often a test that failed is tried again. Only where `CI` is set: a whole run there rests on two thousand tests on a machine that
 * others may load, and each that needed it is named at the end. On a developer's machine it fails.
 */
export const retries = process.env['CI'] ? 1 : 0;

/** More of them in one command, and it is not the machine. */
export const secondTriesMax = 5;

/** How the lines begin that name them. */
export const secondTry = 'passed at the second try: ';

/** Vitest tells nothing of a test that failed before it passed; this names it, and what it said first. */
export class SecondTries implements Reporter {
  onTestCaseResult(test: TestCase): void {
    if (!test.diagnostic()?.flaky) return;
    const first = test.result().errors?.[0]?.message.split('\n', 1)[0] ?? '';
    console.log(`${secondTry}${relative(process.cwd(), test.module.moduleId)} > ${test.fullName}: ${first}`);
  }
}
