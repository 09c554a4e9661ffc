import { refused } from './faults.ts';

/** A token taken apart, and not yet believed. */
export type Parts = { header: Record<string, unknown>; claims: Record<string, unknown> };

const DEPTH = 8;
const written = /^[A-Za-z0-9_+/=-]*$/;
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * The strict half of RFC 7515: three parts in canonical base64url, two of them JSON objects in UTF-8 in which no name stands twice.
 * A parser that takes the first of two names, or ignores spare bits, lets one token look like another to somebody else.
 */
export function takeApart(jwt: string): Parts {
  const parts = jwt.split('.');
  if (parts.length !== 3 || !parts.every((part) => written.test(part))) throw refused('malformed');
  const [header, payload] = parts.map(canonical) as [Buffer, Buffer, Buffer];
  return { header: object(header), claims: object(payload) };
}

function canonical(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw refused('not-canonical');
  return bytes;
}

function object(bytes: Buffer): Record<string, unknown> {
  const text = utf8(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
    requireShallow(text);
  } catch {
    throw refused('malformed');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refused('malformed');
  requireOnce(text);
  return value as Record<string, unknown>;
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refused('malformed');
  }
}

/** JSON.parse takes any depth, validators do not. `text` is well-formed: looking for the end of a string that has none takes the square of its length. */
function requireShallow(text: string): void {
  let depth = 0;
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    if (depth > DEPTH) throw new SyntaxError('too deep');
  }
}

/** `text` is well-formed: so a string before a colon is a name. Names that differ in escapes only are the same. */
function requireOnce(text: string): void {
  const open: Set<string>[] = [];
  let last = '';
  for (const [token] of text.matchAll(tokens)) {
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token === ':') {
      const name = JSON.parse(last) as string;
      if (name === '__proto__') throw refused('malformed');
      if (open.at(-1)!.has(name)) throw refused('duplicate-claim');
      open.at(-1)!.add(name);
    } else last = token;
  }
}
