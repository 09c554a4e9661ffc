import * as z from 'zod';
import {
  actStatement,
  ConclaveError,
  fromBase64url,
  ModerationStatement,
  verifyEd25519,
  type ActRequest,
  type RoomId,
} from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';
import type { Caller } from '../users/caller.ts';

/** An act, and the very bytes that were signed. */
export type ReadAct = { statement: ModerationStatement; bytes: Uint8Array; signature: Uint8Array };

/** How far a maker's clock may be from ours. An older statement is somebody's attempt to have it done once more. */
const CLOCK_MS = 10 * 60_000;
const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * Throws `bad-request` for anything but an act that this caller signed just now, with a device of theirs that was not removed, for this very room: an
 * act of somebody else, of another room or of yesterday does nothing.
 */
export async function readAct(inside: Queryable, caller: Caller, room: RoomId | null, request: ActRequest): Promise<ReadAct> {
  const [bytes, signature] = [bytesOf(request.statement), fromBase64url(request.signature)];
  const statement = parse(bytes);
  if (statement.room !== room) throw refused('room: the statement is about another place than the address');
  if (statement.by !== caller.user) throw refused('by: the statement is not yours');
  if (Math.abs(Date.now() - statement.at) > CLOCK_MS) throw refused('at: was not signed just now; is the clock of this device right?');
  const [device] = await inside.rows<{ key: Uint8Array }>(
    'select device_key as key from device where id = $1 and account = $2 and revoked_at is null',
    [statement.device, caller.user],
  );
  if (!device) throw refused('device: is none of yours');
  if (!(await verifyEd25519(device.key, signature, actStatement(bytes)))) throw refused('signature: this device did not sign this');
  return { statement, bytes, signature };
}

function parse(bytes: Uint8Array): ModerationStatement {
  let said: unknown;
  try {
    said = JSON.parse(strict.decode(bytes));
  } catch {
    throw refused('statement: is not well-formed JSON');
  }
  const parsed = ModerationStatement.safeParse(said);
  if (!parsed.success) throw refused(`statement: ${z.prettifyError(parsed.error).slice(0, 200)}`);
  if (parsed.data.reason.includes('\0')) throw refused('reason: must not contain NUL');
  return parsed.data;
}

/** Four characters are three bytes: one alone is none. */
function bytesOf(text: string): Uint8Array {
  if (text.length % 4 === 1) throw refused('statement: is not base64url');
  return fromBase64url(text);
}

const refused = (text: string) => new ConclaveError('bad-request', text);
