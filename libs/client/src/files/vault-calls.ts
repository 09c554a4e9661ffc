import { StoreError } from '../storage/store.ts';
import { FileDamaged } from './sealing.ts';
import type { Prepare } from './prepare.ts';
import type { Vault } from './vault.ts';

/* What the page and the files' worker say to each other. */
export type VaultTools = Vault & { prepare: Prepare };
export const vaultMethods: { readonly [M in keyof VaultTools]: true } = {
  seal: true,
  have: true,
  read: true,
  append: true,
  check: true,
  open: true,
  close: true,
  forget: true,
  all: true,
  prepare: true,
};
export type VaultMethod = keyof VaultTools;

/** The first message: whose files. */
export type VaultOpen = { open: string };
export type VaultCall = { id: number; method: VaultMethod; args: unknown[] };
export type VaultAnswer = { id: number; value: unknown } | { id: number; error: SentFault } | { id: number; tell: number };

/** An error on its way between threads. */
export type SentFault = { kind: 'full' | 'damaged' | 'range' | 'unreadable' | 'other'; text: string };

export function sendFault(error: unknown): SentFault {
  const text = error instanceof Error ? error.message : 'unknown error';
  if (error instanceof StoreError && error.code === 'full') return { kind: 'full', text };
  if (error instanceof FileDamaged) return { kind: 'damaged', text };
  if (error instanceof RangeError) return { kind: 'range', text };
  return { kind: error instanceof DOMException && error.name === 'NotReadableError' ? 'unreadable' : 'other', text };
}

export function receiveFault({ kind, text }: SentFault): Error {
  switch (kind) {
    case 'full':
      return new StoreError('full', text);
    case 'damaged':
      return new FileDamaged(text);
    case 'range':
      return new RangeError(text);
    case 'unreadable':
      return new DOMException(text, 'NotReadableError');
    case 'other':
      return new Error(text);
  }
}
