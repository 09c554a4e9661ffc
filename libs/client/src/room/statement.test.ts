import { describe, expect, it } from 'vitest';
import { makeKeyPair, signWith } from '../sealing/identity.ts';
import { toBase64url, type SealedMessage } from '../../../protocol/src/index.ts';
import { audienceOf, checkMessage, commitmentOf, freeze, RejectedMessage, signable } from './statement.ts';

const room = '00000000-0000-4000-8000-000000000001';
const device = '00000000-0000-4000-8000-00000000000a';
const other = '00000000-0000-4000-8000-00000000000b';
const order = { ms: 1_000, counter: 2 };

async function said(text = 'hello') {
  const keys = await makeKeyPair();
  const audience = await audienceOf(['k1']);
  const { mid, statement } = await freeze({ room, device, aseq: 1, prev: '', audience, at: 5, body: { kind: 'text', text } });
  const signature = await signWith(keys.privateKey, await signable(room, statement, order));
  const message: SealedMessage = { order, signature, statement };
  return { mid, message, author: { device, deviceKey: keys.publicKey }, commitment: await commitmentOf(statement) };
}

describe('a message against who is said to have written it (D2)', () => {
  it('holds, in its own envelope and as a copy', async () => {
    const { mid, message, author, commitment } = await said();
    expect((await checkMessage(room, author, message, commitment)).mid).toBe(mid);
    expect((await checkMessage(room, author, message, null)).statement.body).toEqual({ kind: 'text', text: 'hello' });
  });

  it('fails for each lie: room, device, key, signature, order, words, commitment', async () => {
    const { message, author, commitment } = await said();
    const stranger = await said('hello');
    const lies: [string, () => Promise<unknown>][] = [
      ['another room', () => checkMessage(other, author, message, commitment)],
      ['another device', () => checkMessage(room, { ...author, device: other }, message, commitment)],
      ['another key', () => checkMessage(room, { ...author, deviceKey: stranger.author.deviceKey }, message, commitment)],
      ['another signature', () => checkMessage(room, author, { ...message, signature: stranger.message.signature }, commitment)],
      ['another order', () => checkMessage(room, author, { ...message, order: { ms: 1_000, counter: 3 } }, commitment)],
      ['other words', () => checkMessage(room, author, { ...message, statement: stranger.message.statement }, stranger.commitment)],
      ['another commitment', () => checkMessage(room, author, message, stranger.commitment)],
      ['no statement', () => checkMessage(room, author, { ...message, statement: new TextEncoder().encode('{}') }, commitment)],
    ];
    for (const [lie, check] of lies) await expect(check(), lie).rejects.toBeInstanceOf(RejectedMessage);
  });

  it('names the same words twice differently, so that nobody can guess them from their id', async () => {
    expect((await said()).mid).not.toBe((await said()).mid);
  });

  it('names an audience by its accounts, in any order', async () => {
    expect(await audienceOf(['a', 'b'])).toBe(await audienceOf(['b', 'a']));
    expect(await audienceOf(['a', 'b'])).not.toBe(await audienceOf(['a']));
    expect(toBase64url(new Uint8Array(32))).toHaveLength((await audienceOf([])).length);
  });
});
