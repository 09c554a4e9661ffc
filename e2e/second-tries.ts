import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';
import { secondTry } from '../tools/second-try.ts';

/** Names the stories that failed before they passed, in the words of the other tests. */
export default class SecondTries implements Reporter {
  #first = new Map<string, string>();

  onTestEnd(test: TestCase, { status, retry, error }: TestResult): void {
    if (retry === 0) this.#first.set(test.id, error?.message?.split('\n', 1)[0] ?? '');
    else if (status === 'passed') console.log(`${secondTry}${test.titlePath().slice(2).join(' > ')}: ${this.#first.get(test.id)}`);
  }
}
