import { WireError } from '../../../mls-wire/src/index.ts';
import { StoreError } from '../storage/store.ts';
import { SealError, type SealErrorCode } from './sealer.ts';

/** Runs a step whose every failure has one meaning; what a store or an earlier step has said stays. */
export async function meaning<T>(code: SealErrorCode, text: string, run: () => Promise<T> | T): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof SealError || error instanceof StoreError) throw error;
    const why = error instanceof WireError ? `${text}: ${error.message}` : text;
    throw new SealError(code, why, { cause: error });
  }
}
