import { beforeEach, describe, expect, it } from 'vitest';
import { deviceIdOf, type HistoryEntry } from '../../../protocol/src/index.ts';
import { makeKeyPair, signWith, type KeyPair } from '../sealing/identity.ts';
import { memoryDisk, openMemoryStore } from '../storage/memory-store.ts';
import type { RoomContext } from './context.ts';
import { Imported } from './imported.ts';
import { audienceOf, freeze, signable } from './statement.ts';

const room = '00000000-0000-4000-8000-000000000000';

/** Words that this key signed, in the name of whomever it likes. */
async function entry(key: KeyPair, user: string, text: string): Promise<HistoryEntry> {
  const author = await deviceIdOf(key.publicKey);
  const order = { ms: 1_700_000_000_000, counter: 0 };
  const said = { room, device: author, aseq: 7, prev: '', audience: await audienceOf([]), at: order.ms } as const;
  const { statement } = await freeze({ ...said, later: true, body: { kind: 'text', text } });
  const signature = await signWith(key.privateKey, await signable(room, statement, order));
  return { author, user, deviceKey: key.publicKey, generation: 0, epoch: 0, message: { order, signature, statement } };
}

describe('what a member shows to who came later (E2E9)', () => {
  let bob: KeyPair;
  let imported: Imported;
  let placed: string[];

  beforeEach(async () => {
    bob = await makeKeyPair();
    const bobs = await deviceIdOf(bob.publicKey);
    const ctx = { room, store: openMemoryStore(memoryDisk()), clock: { now: () => 1 } };
    placed = [];
    imported = new Imported(
      ctx as unknown as RoomContext,
      (device) => (device === bobs ? { user: 'bob', deviceKey: bob.publicKey } : undefined),
      async (_key, { body, importedKey }) => void placed.push(`${'text' in body ? body.text : ''}${importedKey ? ' (unproved)' : ''}`),
    );
  });

  it('is taken under a key that is known to be its author’s, once', async () => {
    const words = await entry(bob, 'bob', 'hello');
    await imported.shown(words);
    await imported.shown(words);
    expect(placed).toEqual(['hello']);
  });

  it('is not under a key nobody here knows, whatever name it goes by', async () => {
    await imported.shown(await entry(await makeKeyPair(), 'bob', 'I am Bob'));
    expect(placed).toEqual([]);
  });

  it('is not as somebody else’s, nor when a word of it was changed', async () => {
    await imported.shown(await entry(bob, 'ann', 'Ann said so'));
    const words = await entry(bob, 'bob', 'yes');
    const statement = new TextEncoder().encode(new TextDecoder().decode(words.message.statement).replace('yes', 'not'));
    await imported.shown({ ...words, message: { ...words.message, statement } });
    expect(placed).toEqual([]);
  });
});
