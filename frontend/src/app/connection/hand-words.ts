import { ConclaveError } from '../../../../libs/protocol/src/errors.ts';
import { errorWords } from '../ui/error-words.ts';

/** No server is asked here: the core's own words say best what was wrong with a text. */
export function handWords(error: unknown): string {
  return error instanceof ConclaveError ? error.message : errorWords(error);
}
