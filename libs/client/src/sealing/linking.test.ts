import { describe, expect, it } from 'vitest';
import { verifyCertificate } from '../../../protocol/src/index.ts';
import { memoryDisk } from '../storage/memory-store.ts';
import { linkCode, linkMailbox } from './linking.ts';
import { direct, newDevice } from './test-world.ts';

describe('a linking code', () => {
  it('is twenty characters nobody mistakes, and never the same', () => {
    const codes = Array.from({ length: 100 }, linkCode);
    for (const code of codes) expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(new Set(codes).size).toBe(100);
  });

  it('names one mailbox however it is typed, and another one for another code', async () => {
    const mailbox = await linkMailbox('01ABC-DEFGH-JKMNP-QRSTV');
    expect(mailbox).toMatch(/^[\w-]{22}$/);
    expect(await linkMailbox(' oLabc defgh jkmnp-qrstv ')).toBe(mailbox);
    expect(await linkMailbox('01ABC-DEFGH-JKMNP-QRSTW')).not.toBe(mailbox);
  });

  it('is refused when it is none', async () => {
    for (const wrong of ['', '01ABC-DEFGH-JKMNP-QRST', '01ABC-DEFGH-JKMNP-QRSTU', '01ABC-DEFGH-JKMNP-QRSTVV'])
      await expect(linkMailbox(wrong)).rejects.toMatchObject({ code: 'bad-link' });
  });
});

describe('linking', () => {
  it('gives the new device a certificate of the same account, and the account’s key to link the next', async () => {
    const user = crypto.randomUUID();
    const [old, fresh, third] = [await newDevice(direct, user), direct(memoryDisk()), direct(memoryDisk())];
    const code = linkCode();
    const answer = await old.sealer.answerLink(code, await fresh.requestLink(code, user));
    expect(await fresh.identity()).toBeNull();
    const identity = await fresh.acceptLink(code.toLowerCase(), answer);
    expect(identity).toMatchObject({ user, accountKey: old.identity.accountKey });
    expect(identity.device).not.toBe(old.identity.device);
    expect(await verifyCertificate(identity, identity.deviceKey)).toBe(true);
    expect(await fresh.identity()).toEqual(identity);
    const next = linkCode();
    const linked = await third.acceptLink(next, await fresh.answerLink(next, await third.requestLink(next, user)));
    expect(linked.accountKey).toEqual(old.identity.accountKey);
  });

  it('fails with another code, another account, another device’s answer, and changed bytes', async () => {
    const user = crypto.randomUUID();
    const [old, fresh, other] = [await newDevice(direct, user), direct(memoryDisk()), direct(memoryDisk())];
    const [code, wrong] = [linkCode(), linkCode()];
    const request = await fresh.requestLink(code, user);
    const bad = { name: 'SealError', code: 'bad-link' };
    await expect(old.sealer.answerLink(wrong, request)).rejects.toMatchObject(bad);
    await expect(old.sealer.answerLink(code, request.subarray(1))).rejects.toMatchObject(bad);
    const stranger = await newDevice();
    await expect(stranger.sealer.answerLink(code, request)).rejects.toMatchObject(bad);
    const answer = await old.sealer.answerLink(code, request);
    await expect(fresh.acceptLink(wrong, answer)).rejects.toMatchObject(bad);
    await expect(fresh.acceptLink(code, request)).rejects.toMatchObject(bad);
    await expect(other.acceptLink(code, answer)).rejects.toMatchObject(bad);
    await other.requestLink(code, user);
    await expect(other.acceptLink(code, answer)).rejects.toMatchObject(bad);
    const changed = answer.slice();
    changed[40]! ^= 1;
    await expect(fresh.acceptLink(code, changed)).rejects.toMatchObject(bad);
    expect(await fresh.acceptLink(code, answer)).toMatchObject({ user });
  });

  it('shows nothing of the account to who sees the sealed messages', async () => {
    const user = crypto.randomUUID();
    const [old, fresh] = [await newDevice(direct, user), direct(memoryDisk())];
    const code = linkCode();
    const answer = await old.sealer.answerLink(code, await fresh.requestLink(code, user));
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    expect(hex(answer)).not.toContain(hex(old.identity.accountKey));
    expect(await old.sealer.answerLink(code, await fresh.requestLink(code, user))).not.toEqual(answer);
  });
});

describe('an identity', () => {
  it('outlives a reload, and signs by its device key', async () => {
    const ann = await newDevice();
    const again = direct(ann.disk);
    expect(await again.identity()).toEqual(ann.identity);
    const bytes = Uint8Array.of(1, 2, 3);
    const key = await crypto.subtle.importKey('raw', ann.identity.deviceKey as Uint8Array<ArrayBuffer>, 'Ed25519', false, ['verify']);
    expect(await crypto.subtle.verify('Ed25519', key, (await again.sign(bytes)) as Uint8Array<ArrayBuffer>, bytes)).toBe(true);
  });

  it('is replaced by enrolling again, and its groups are forgotten', async () => {
    const ann = await newDevice();
    const room = crypto.randomUUID();
    await ann.sealer.found(room, 0, new Uint8Array(32).fill(7), { by: 'open' });
    await ann.sealer.confirm(room, 0, 0);
    await ann.sealer.keyPackages(3, true);
    const next = await ann.sealer.enroll(ann.identity.user);
    expect(next.accountKey).not.toEqual(ann.identity.accountKey);
    expect(await ann.sealer.roster(room)).toBeNull();
    for (const table of ['groups', 'epochs', 'keyPackages'] as const) expect(ann.disk.tables.get(table)!.size).toBe(0);
  });

  it('is needed for everything else', async () => {
    const sealer = direct(memoryDisk());
    expect(await sealer.identity()).toBeNull();
    await expect(sealer.sign(new Uint8Array(1))).rejects.toMatchObject({ code: 'no-group' });
    await expect(sealer.keyPackages(1, false)).rejects.toMatchObject({ code: 'no-group' });
  });
});
