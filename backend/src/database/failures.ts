import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';

const RETRY_MS = 1_000;
const SQLSTATE = /^[0-9A-Z]{5}$/;
/** Connection lost or refused, shutting down, out of room or connections, I/O, cancelled by our own time limit. */
const troubled = /^(08|53|57|58)/;
const deadlock = '40P01';

const stateOf = (error: unknown): string | undefined => (error as { driverError?: { code?: string } } | null)?.driverError?.code;

/** True when the database refused a second row with the same unique key. */
export function isDuplicate(error: unknown): boolean {
  return stateOf(error) === '23505';
}

/** Two transactions waited for each other, and this one was chosen to begin again. */
export function isDeadlock(error: unknown): boolean {
  return stateOf(error) === deadlock;
}

export function unavailable(cause: unknown): ConclaveError {
  const error = new ConclaveError('unavailable', 'the database does not answer: try again in a moment', RETRY_MS);
  error.cause = cause;
  return error;
}

/** What the database did not answer is worth another try; what it answered is a mistake of ours, and stays as it is. */
export function named(error: unknown): unknown {
  if (error instanceof QueryRunnerAlreadyReleasedError) return unavailable(error); // the connection broke between two statements
  if (!(error instanceof QueryFailedError)) return error;
  const state = stateOf(error);
  return state === undefined || !SQLSTATE.test(state) || troubled.test(state) ? unavailable(error) : error;
}
