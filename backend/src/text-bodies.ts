import type { NextFunction, Request, Response } from 'express';
import type { Writable } from 'node:stream';
import { ConclaveError } from '../../libs/protocol/src/index.ts';

/*
 * Whatever is checked about the text of a body holds only while those who parse it read the same text: bytes that are harmless as UTF-8 say
 * something else as UTF-7. So there is one character set, and who names another is refused before anything reads.
 */
const FORM_BYTES = 64 * 1024;
const partTypes = /^content-type[^:]*:((?:[^\r\n]|\r?\n[ \t])*)/gim;

/** For every request: its Content-Type, whatever kind it names. */
export function refuseOtherCharsets({ headers }: Request, _: Response, next: NextFunction): void {
  next(namesAnotherCharset(headers['content-type'] ?? '') ? otherCharset() : undefined);
}

/** Gives a multipart form to its parser whole, once its bytes are checked; nobody reads more than a form may have. */
export function feedForm(request: Request, parser: Writable): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= FORM_BYTES) chunks.push(chunk);
    else chunks.length = 0;
  });
  request.on('end', () => {
    const fault = length > FORM_BYTES ? new ConclaveError('too-large', 'this form is too large') : faultOf(Buffer.concat(chunks));
    if (fault) parser.destroy(fault);
    else parser.end(Buffer.concat(chunks));
  });
}

function faultOf(form: Buffer): ConclaveError | null {
  const bytes = form.toString('latin1');
  if (bytes.includes('\0')) return nulFound();
  return [...bytes.matchAll(partTypes)].some(([, type]) => namesAnotherCharset(type!)) ? otherCharset() : null;
}

/** Parsers differ in where a quoted value ends: a `charset` after any semicolon counts, and only the plainest way of saying UTF-8 passes. */
function namesAnotherCharset(type: string): boolean {
  const parameters = type.split(';').slice(1);
  return parameters.some((text) => /^\s*charset/i.test(text) && !/^\s*charset=(?:utf-8|"utf-8")\s*$/i.test(text));
}

const otherCharset = () => new ConclaveError('bad-request', 'body: only charset=utf-8 is understood here: send it as UTF-8');
/** Postgres keeps none. */
export const nulFound = () => new ConclaveError('bad-request', 'body: NUL characters are not allowed');
