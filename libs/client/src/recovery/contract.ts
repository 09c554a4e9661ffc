import type { Cell } from '../cell.ts';

/** `elsewhere`: set up, but on another device: only that one refreshes it. Moments are ms since 1970. */
export type RecoveryView = {
  state: 'unknown' | 'off' | 'on' | 'elsewhere';
  madeAt: number | null;
  /** The newest snapshot of the history. */
  history: { madeAt: number; bytes: number } | null;
  /** What is done now. */
  busy: 'saving' | 'restoring' | null;
};

/** The recovery phrase and the sealed backup on the server (E2E10). Every method but `newPhrase` needs the server. */
export interface RecoveryFace {
  readonly view: Cell<RecoveryView>;
  /** Asks the server whether there is a backup. */
  look(): Promise<RecoveryView>;
  /** Twenty-four words, of which nothing is kept: `turnOn` takes them once the person has written them down. */
  newPhrase(): Promise<string[]>;
  /** Whatever phrase there was before opens nothing any more. The history follows in the background. */
  turnOn(words: string[]): Promise<void>;
  turnOff(): Promise<void>;
  /** Saves the history as it is now, where the phrase was set up here. */
  refresh(): Promise<void>;
}
