import { createHash, createHmac, randomBytes } from 'node:crypto';
import {
  messageStatement,
  toBase64url,
  type Body,
  type Order,
  type ReportedMessage,
  type Statement,
} from '../../../libs/protocol/src/index.ts';
import type { Acting } from './acting.ts';

let said = 0;

/** What somebody's device says and signs, as a client would: here only to be reported. */
export async function say(by: Acting, room: string, body: Body, more: Partial<Statement> = {}): Promise<ReportedMessage> {
  const frank = randomBytes(32);
  const statement: Statement = {
    v: 1,
    room,
    device: by.signer.device,
    aseq: ++said,
    prev: '',
    frank: frank.toString('base64url'),
    audience: 'A'.repeat(43),
    at: Date.now(),
    body,
    ...more,
  };
  const bytes = Buffer.from(JSON.stringify(statement));
  return sign(by, room, bytes, createHmac('sha256', frank).update(bytes).digest(), { ms: statement.at, counter: 0 });
}

async function sign(by: Acting, room: string, bytes: Buffer, commitment: Buffer, order: Order): Promise<ReportedMessage> {
  const signature = await by.signer.sign(messageStatement(room, createHash('sha256').update(bytes).digest(), commitment, order));
  return { device: by.signer.device, order, signature: toBase64url(signature), statement: toBase64url(bytes) };
}
