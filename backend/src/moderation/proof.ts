import { createHash, createHmac } from 'node:crypto';
import {
  ConclaveError,
  decodeStatement,
  fromBase64url,
  messageStatement,
  toBase64url,
  verifyEd25519,
  type Body,
  type DeviceId,
  type ReportDetail,
  type ReportedMessage,
  type RoomId,
  type Statement,
  type UserId,
} from '../../../libs/protocol/src/index.ts';
import type { Queryable } from '../database/database.ts';

export type Evidence = ReportDetail['evidence'];
export type Proven = { accused: UserId; evidence: Evidence };
type Fault = 'altered' | 'other-room' | 'unknown-device' | 'several-people' | 'own';
type Author = { id: DeviceId; account: UserId; name: string; key: Uint8Array };

/**
 * Proves who wrote these messages (MOD3, franking): each must be, byte for byte, what a device of one person signed for this room. The server needs no
 * key of the room for it: device keys stay known after the device was removed. Throws `bad-report` with its reason; then the report is
 * worth nothing, whoever brings it.
 */
export async function prove(inside: Queryable, room: RoomId, reporter: UserId, messages: ReportedMessage[]): Promise<Proven> {
  const authors = await authorsOf(inside, messages);
  const evidence: Evidence = [];
  for (const message of messages) evidence.push(await examine(message, room, authors));
  const people = [...new Set([...authors.values()].map(({ account }) => account))];
  if (people.length !== 1) throw badReport('several-people', 'these messages are of several people: report each by themselves');
  if (people[0] === reporter) throw badReport('own', 'these are your own words');
  if (new Set(evidence.map(({ mid }) => mid)).size < evidence.length) throw badReport('altered', 'a message stands in this report twice');
  return { accused: people[0]!, evidence: evidence.sort((a, b) => a.writtenAt - b.writtenAt) };
}

async function authorsOf(inside: Queryable, messages: ReportedMessage[]): Promise<Map<DeviceId, Author>> {
  const devices = [...new Set(messages.map(({ device }) => device))];
  const rows = await inside.rows<Author>('select id, account, name, device_key as key from device where id = any($1)', [devices]);
  if (rows.length < devices.length)
    throw badReport('unknown-device', 'the device that wrote one of these messages is not known here any more');
  return new Map(rows.map((row) => [row.id, row]));
}

async function examine(message: ReportedMessage, room: RoomId, authors: Map<DeviceId, Author>): Promise<Evidence[number]> {
  const { device, order, signature } = message;
  const author = authors.get(device)!;
  const { bytes, statement } = read(message.statement);
  if (statement.room !== room) throw badReport('other-room', 'one of these messages was not said in this room');
  if (statement.device !== device) throw badReport('altered', 'one of these messages is of another device than it says');
  const mid = createHash('sha256').update(bytes).digest();
  const commitment = createHmac('sha256', fromBase64url(statement.frank)).update(bytes).digest();
  if (!(await verifyEd25519(author.key, fromBase64url(signature), messageStatement(room, mid, commitment, order))))
    throw badReport('altered', 'one of these messages is not, byte for byte, what its author signed');
  const { kind } = statement.body;
  return { text: textOf(statement.body), kind, writtenAt: statement.at, mid: toBase64url(mid), device, deviceName: author.name };
}

function read(text: string): { bytes: Uint8Array; statement: Statement } {
  try {
    const bytes = fromBase64url(text);
    return { bytes, statement: decodeStatement(bytes) };
  } catch {
    throw badReport('altered', 'one of these messages cannot be read');
  }
}

/** As it was shown. The database keeps neither NUL nor half a character, which only a body that is no text can hold. */
function textOf(body: Body): string {
  const text = body.kind === 'delete' ? '' : body.kind === 'react' ? body.emoji : body.text;
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

const badReport = (fault: Fault, text: string) => new ConclaveError('bad-report', text, undefined, fault);
