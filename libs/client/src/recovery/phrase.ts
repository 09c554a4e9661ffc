import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { toBase64url } from '../../../protocol/src/index.ts';

/* A recovery phrase (E2E10): 256 random bits as 24 words (BIP-39, English). Everything is derived from the bits, each thing under its own name. */

export type PhraseKeys = {
  /** Tells the server one phrase from another, and nothing about either. */
  id: string;
  /** Opens the account's keys. */
  keys: Uint8Array;
  /** Opens the history. */
  history: Uint8Array;
};

export function newPhrase(): string[] {
  return entropyToMnemonic(crypto.getRandomValues(new Uint8Array(32)), wordlist).split(' ');
}

/** Words as typed: any case, numbered, with whatever between them. Null when they are no phrase: a word is wrong, missing or misplaced. */
export async function keysOfPhrase(typed: string): Promise<PhraseKeys | null> {
  const words = typed.normalize('NFKD').toLowerCase().match(/[a-z]+/g) ?? []; // prettier-ignore
  if (words.length !== 24) return null;
  let entropy: Uint8Array;
  try {
    entropy = mnemonicToEntropy(words.join(' '), wordlist);
  } catch {
    return null; // unknown word, or the sum over all of them does not fit
  }
  const [id, keys, history] = await Promise.all([
    derived(entropy, 'id', 16),
    derived(entropy, 'keys', 32),
    derived(entropy, 'history', 32),
  ]);
  return { id: toBase64url(id), keys, history };
}

async function derived(entropy: Uint8Array, what: string, bytes: number): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', entropy as Uint8Array<ArrayBuffer>, 'HKDF', false, ['deriveBits']);
  const info = new TextEncoder().encode(`conclave recovery ${what} v1`);
  return new Uint8Array(await crypto.subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }, key, bytes * 8));
}
