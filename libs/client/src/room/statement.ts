import {
  decodeStatement,
  fromBase64url,
  messageStatement,
  toBase64url,
  verifyEd25519,
  type DeviceId,
  type Mid,
  type Order,
  type RoomId,
  type SealedMessage,
  type Statement,
} from '../../../protocol/src/index.ts';

/** What was opened does not hold together: counted against the link that brought it, never against the author it claims. */
export class RejectedMessage extends Error {
  override name = 'RejectedMessage';
}

/** Words, frozen: the bytes that are hashed, sealed, signed, and never changed again (delivery.md D1). */
export async function freeze(words: Omit<Statement, 'v' | 'frank'>): Promise<{ mid: Mid; statement: Uint8Array<ArrayBuffer> }> {
  const frank = toBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const statement = new TextEncoder().encode(JSON.stringify({ v: 1, ...words, frank } satisfies Statement));
  return { mid: toBase64url(await sha256(statement)), statement };
}

/** The franking commitment: HMAC-SHA-256 under the key that only the statement holds. */
export async function commitmentOf(statement: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey(
    'raw',
    fromBase64url(decodeStatement(statement).frank),
    { name: 'HMAC', hash: 'SHA-256' },
    false,
    ['sign'],
  );
  return new Uint8Array(await crypto.subtle.sign('HMAC', key, statement as Uint8Array<ArrayBuffer>));
}

/** The bytes the author's device signs for this message. */
export async function signable(room: RoomId, statement: Uint8Array, order: Order): Promise<Uint8Array<ArrayBuffer>> {
  return messageStatement(room, await sha256(statement), await commitmentOf(statement), order);
}

/**
 * Checks a message against who is said to have written it (delivery.md D2): room, device, signature over mid, commitment and order; and
 * against the authenticated data of the envelope, where it came in its author's own. Throws RejectedMessage.
 */
export async function checkMessage(
  room: RoomId,
  author: { device: DeviceId; deviceKey: Uint8Array },
  message: SealedMessage,
  authenticated: Uint8Array | null,
): Promise<{ mid: Mid; statement: Statement; commitment: Uint8Array }> {
  const statement = parse(message.statement);
  if (statement.room !== room || statement.device !== author.device) throw new RejectedMessage('of another room or device');
  const commitment = await commitmentOf(message.statement);
  if (authenticated && !equal(commitment, authenticated)) throw new RejectedMessage('the commitment does not match');
  const mid = await sha256(message.statement);
  const signed = messageStatement(room, mid, commitment, message.order);
  if (!(await verifyEd25519(author.deviceKey, message.signature, signed))) throw new RejectedMessage('the signature does not match');
  return { mid: toBase64url(mid), statement, commitment };
}

/** SHA-256 over the sorted account keys something is said to. */
export async function audienceOf(accounts: string[]): Promise<string> {
  return toBase64url(await sha256(new TextEncoder().encode([...accounts].sort().join('\n'))));
}

export async function sha256(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}

function parse(statement: Uint8Array): Statement {
  try {
    return decodeStatement(statement);
  } catch (cause) {
    throw new RejectedMessage('not a statement', { cause });
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
