import { describe, expect, it } from 'vitest';
import { decodeInvitation, encodeInvitation, type Invitation } from '../../../protocol/src/index.ts';
import { newDevice, type Device } from '../sealing/test-world.ts';
import { invitationKeys, isInvited, proofOf, signInvitation } from './invitation-key.ts';

const room = '22222222-2222-4222-8222-222222222222';
const elsewhere = '22222222-2222-4222-8222-222222222223';
const now = 1_700_000_000_000;
const expiresAt = now + 1_000;
const seed = new Uint8Array(32).fill(5);

const leafOf = ({ identity }: Device) => ({ leaf: 0, ...identity });

async function invited(): Promise<{ ann: Device; eve: Device; invitation: Invitation }> {
  const [ann, eve] = [await newDevice(), await newDevice()];
  const keys = await invitationKeys(seed);
  const signature = await signInvitation(ann.sealer, room, keys.publicKey, expiresAt);
  const proof = await proofOf(keys, room, eve.identity.accountKey);
  const invitation = { room, publicKey: keys.publicKey, expiresAt, inviter: ann.identity.device, signature, proof };
  return { ann, eve, invitation: decodeInvitation(encodeInvitation(invitation)) };
}

describe('an invitation into a room', () => {
  it('covers who holds the link, for as long as the inviter is there and it has not run out', async () => {
    const { ann, eve, invitation } = await invited();
    const to = { room, accountKey: eve.identity.accountKey, leaves: [leafOf(ann)], now };
    expect(await isInvited(invitation, to)).toBe(true);
    expect(await isInvited(invitation, { ...to, now: expiresAt })).toBe(false);
    expect(await isInvited(invitation, { ...to, leaves: [leafOf(eve)] })).toBe(false);
    expect(await isInvited(invitation, { ...to, leaves: [{ ...leafOf(ann), deviceKey: eve.identity.deviceKey }] })).toBe(false);
  });

  it('covers no other account, room, time or key: who passes it on, the server included, changes nothing', async () => {
    const { ann, eve, invitation } = await invited();
    const to = { room, accountKey: eve.identity.accountKey, leaves: [leafOf(ann), leafOf(eve)], now };
    const other = await invitationKeys(new Uint8Array(32).fill(6));
    const lies: Partial<Invitation>[] = [
      { room: elsewhere },
      { expiresAt: expiresAt + 1 },
      { publicKey: other.publicKey },
      { publicKey: other.publicKey, proof: await proofOf(other, room, eve.identity.accountKey) },
      { inviter: eve.identity.device },
      { proof: await proofOf(other, room, eve.identity.accountKey) },
    ];
    for (const lie of lies) expect(await isInvited({ ...invitation, ...lie }, to), Object.keys(lie).join()).toBe(false);
    expect(await isInvited(invitation, { ...to, accountKey: ann.identity.accountKey })).toBe(false);
    expect(await isInvited(invitation, { ...to, room: elsewhere })).toBe(false);
  });

  it('comes from the seed alone: the same key, another half for the server, and none from fewer bytes', async () => {
    const [one, again, other] = await Promise.all([invitationKeys(seed), invitationKeys(seed), invitationKeys(seed.map(() => 9))]);
    expect([one.publicKey, one.secret, one.secretHash]).toEqual([again.publicKey, again.secret, again.secretHash]);
    const all = [one.publicKey, one.secret, one.secretHash, seed, other.publicKey, other.secret].map(String);
    expect(new Set(all).size).toBe(all.length);
    await expect(invitationKeys(new Uint8Array(31))).rejects.toBeInstanceOf(RangeError);
  });
});
