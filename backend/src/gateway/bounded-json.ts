import { limits } from '../../../libs/protocol/src/index.ts';

/*
 * JSON.parse takes 20 KB nested 10,000 deep; recursive validators and stringifiers then break. So depth, number of keys, doubled keys,
 * keys that reach into prototypes and characters that are none are refused by one pass over the text, before it is parsed.
 */
const reaching: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Throws SyntaxError, with a text for the sender. */
export function parseBounded(text: string, keysAllowed: number = limits.jsonKeys): unknown {
  checkShape(text, keysAllowed);
  return JSON.parse(text) as unknown;
}

export function checkShape(text: string, keysAllowed: number = limits.jsonKeys): void {
  const open: (Set<string> | null)[] = [];
  let keys = 0;
  if (text.includes('\0')) throw new SyntaxError('NUL and broken characters are not allowed');
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '{' || letter === '[') {
      open.push(letter === '{' ? new Set() : null);
      if (open.length > limits.jsonDepth) throw new SyntaxError(`nested more than ${limits.jsonDepth} deep`);
    } else if (letter === '}' || letter === ']') open.pop();
    else if (letter === '"') {
      const end = endOfString(text, at);
      checkCharacters(text.slice(at, end));
      const object = open.at(-1);
      if (object && isKey(text, end)) {
        if (++keys > keysAllowed) throw new SyntaxError(`more than ${keysAllowed} keys`);
        checkKey(text.slice(at, end), object);
      }
      at = end - 1;
    }
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new SyntaxError('a string does not end');
}

/** Postgres keeps no NUL, and half a surrogate pair is no character; both can only come escaped, the bytes being UTF-8. */
function checkCharacters(quoted: string): void {
  if (!quoted.includes('\\u')) return;
  const plain = JSON.parse(quoted) as string;
  if (plain.includes('\0') || !plain.isWellFormed()) throw new SyntaxError('NUL and broken characters are not allowed');
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

function checkKey(quoted: string, seen: Set<string>): void {
  const key = JSON.parse(quoted) as string;
  if (reaching.has(key)) throw new SyntaxError('this key is not allowed');
  if (seen.has(key)) throw new SyntaxError('the same key twice');
  seen.add(key);
}
