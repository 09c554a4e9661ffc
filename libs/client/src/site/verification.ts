import { ConclaveError, fromBase64url, uuidToBytes, type UserId } from '../../../protocol/src/index.ts';
import { sasEmoji } from './sas-emoji.ts';
import type { People } from '../room/people.ts';

export type SafetyNumber = {
  user: UserId;
  name: string;
  /** 12 groups of 5 digits: 30 digits of each account, the smaller first. Equal on both sides. */
  groups: string[];
  /** The same, as 20 pictures with names: 120 bits. */
  emoji: { emoji: string; name: string }[];
  /** What a QR code holds; the other side compares it with its own (`matches`). */
  code: string;
  verified: boolean;
  changed: boolean;
};

/** Signal's numeric fingerprint: https://signal.org/docs/ (version 0, 5,200 rounds of SHA-512 over version, key and stable id). */
const rounds = 5_200;
const version = Uint8Array.of(0, 0);

/** Whether two people see each other's account keys, and nobody else's (E2E4). */
export class Verification {
  constructor(
    private readonly own: () => { user: UserId; accountKey: Uint8Array } | null,
    private readonly people: () => People | null,
  ) {}

  /** Throws ConclaveError `not-found` for somebody whose key this device has never seen. */
  async of(user: UserId): Promise<SafetyNumber> {
    const own = this.own();
    const people = this.people();
    const theirs = people?.accountKey(user);
    if (!own || !people || !theirs) throw new ConclaveError('not-found', 'This device has never shared a room with them.');
    const [mine, other] = [await fingerprint(own.user, own.accountKey), await fingerprint(user, fromBase64url(theirs))];
    const digits = [mine.digits, other.digits].sort().join('');
    return {
      user,
      name: people.name(user),
      groups: digits.match(/.{5}/g)!,
      emoji: await pictures(digits),
      code: `conclave-verify:${digits}`,
      verified: people.verified(user),
      changed: people.keyChanged(user),
    };
  }

  /** What was scanned or pasted is the code of this very pair. */
  async matches(user: UserId, code: string): Promise<boolean> {
    return code.replaceAll(/\s/g, '').replace(/^conclave-verify:/, '') === (await this.of(user)).groups.join('');
  }

  /** The mark is on the key that was shown: one that came meanwhile is not marked. */
  async mark(user: UserId, groups: string[], on: boolean): Promise<void> {
    const now = await this.of(user);
    if (now.groups.join('') !== groups.join('')) throw new ConclaveError('conflict', 'Their key has just changed. Compare again.');
    await this.people()!.verify(user, this.people()!.accountKey(user)!, on);
  }

  async acknowledge(user: UserId): Promise<void> {
    await this.people()?.acknowledgeKey(user);
  }
}

async function fingerprint(user: UserId, key: Uint8Array): Promise<{ digits: string }> {
  const id = uuidToBytes(user);
  let hash = join(version, key, id);
  for (let i = 0; i < rounds; i++) hash = new Uint8Array(await crypto.subtle.digest('SHA-512', join(hash, key)));
  const view = new DataView(hash.buffer);
  const chunk = (at: number) => String((view.getUint8(at) * 2 ** 32 + view.getUint32(at + 1)) % 100_000).padStart(5, '0');
  return { digits: [0, 5, 10, 15, 20, 25].map(chunk).join('') };
}

/** The emoji of Matrix's short authentication string, 6 bits each, out of SHA-256 of the digits. Twenty, not seven: nothing here is interactive. */
async function pictures(digits: string): Promise<SafetyNumber['emoji']> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`conclave emoji v1\0${digits}`)));
  return Array.from({ length: 20 }, (_, i) => {
    const bit = 6 * i;
    const two = (hash[bit >> 3]! << 8) | hash[(bit >> 3) + 1]!;
    return sasEmoji[(two >> (10 - (bit & 7))) & 63]!;
  });
}

function join(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
