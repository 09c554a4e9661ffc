import { ConclaveError, type RoomId } from '../../../protocol/src/index.ts';
import type { RestClient } from '../server/rest-client.ts';
import type { Inflow } from './inflow.ts';

/** `none`: the server has it not; `broken`: it broke off, or the server cannot be reached; what came is kept. */
type Outcome = 'all' | 'none' | 'broken';

/** So much waits for the disk at most. */
const AHEAD = 8 * 1024 * 1024;
/** A stream that says nothing for so long is dead. */
const SILENT_MS = 30_000;

/** Fetches the rest of a file from the sealed storage. */
export async function fromStorage(
  rest: RestClient,
  { room, id, size }: { room: RoomId; id: string; size: number },
  inflow: Inflow,
  cancelled: AbortSignal,
): Promise<Outcome> {
  const silence = new AbortController();
  const signal = AbortSignal.any([cancelled, silence.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENT_MS);
  };
  try {
    heard();
    const stream = await rest.stream(`/api/rooms/${room}/files/${id}`, inflow.next, signal);
    if (!stream) return 'none';
    for (const reader = stream.getReader(); ;) {
      const { done, value } = await reader.read();
      if (done) break;
      heard();
      inflow.take(value.subarray(0, size - inflow.next));
      if (inflow.next - inflow.written > AHEAD) await inflow.settled();
      if (inflow.failure !== null) void reader.cancel();
    }
    await inflow.flush();
    return inflow.next === size ? 'all' : 'broken';
  } catch (error) {
    await inflow.flush();
    if (error instanceof ConclaveError && ['not-found', 'bad-request', 'not-member'].includes(error.code)) return 'none';
    if (error instanceof ConclaveError || signal.aborted || error instanceof TypeError) return 'broken';
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
