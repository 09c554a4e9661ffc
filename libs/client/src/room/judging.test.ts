import { describe, expect, it } from 'vitest';
import {
  actStatement,
  deviceIdOf,
  encodeRoleCertificate,
  roleStatement,
  toBase64url,
  type ModerationStatement,
  type RoleCertificate,
  type RoomRole,
  type SignedAct,
} from '../../../protocol/src/index.ts';
import { judge, type Court } from './judging.ts';

type Keys = { publicKey: Uint8Array; sign: (bytes: Uint8Array) => Promise<Uint8Array> };
async function keys(): Promise<Keys> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  return {
    publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)),
    sign: async (bytes) => new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes as Uint8Array<ArrayBuffer>)),
  };
}

const now = 1_800_000_000_000;
const [room, other, ann, bob] = Array.from({ length: 4 }, () => crypto.randomUUID()) as [string, string, string, string];

/** A room with Ann, who may be a moderator, and Bob. */
async function world(role: 'moderator' | 'owner' = 'moderator') {
  const [server, device] = [await keys(), await keys()];
  const id = await deviceIdOf(device.publicKey);
  const roles = new Map<string, RoomRole>([[ann, role]]);
  const court: Court = {
    room,
    serverKey: server.publicKey,
    leaf: (asked) => (asked === id ? { user: ann, deviceKey: device.publicKey } : undefined),
    roleOf: (user) => roles.get(user) ?? 'member',
  };
  const certificate = async (change: Partial<RoleCertificate> = {}, by = server) => {
    const holds = { room, user: ann, role, issuedAt: now - 60_000, expiresAt: now + 3_600_000, ...change };
    return toBase64url(encodeRoleCertificate(holds, await by.sign(roleStatement(holds))));
  };
  const act = async (change: Partial<ModerationStatement> = {}, more: Partial<SignedAct> = {}, by = device): Promise<SignedAct> => {
    const said = { v: 1, act: 'kick', room, user: bob, reason: '', by: ann, device: id, at: now, nonce: 'A'.repeat(22), ...change };
    const statement = new TextEncoder().encode(JSON.stringify(said));
    return {
      statement: toBase64url(statement),
      signature: toBase64url(await by.sign(actStatement(statement))),
      certificate: await certificate(),
      ...more,
    };
  };
  return { court, act, certificate, roles, server };
}

describe('an act of moderation (MOD1)', () => {
  it('has force with its maker’s signature and the server’s certificate, whoever brings it', async () => {
    const { court, act } = await world();
    for (const byServer of [true, false])
      expect(await judge(await act(), court, byServer)).toMatchObject({ act: 'kick', user: bob, by: ann });
  });

  it('has none when it is altered, forged, of another room, or of no statement at all', async () => {
    const { court, act } = await world();
    const good = await act();
    const altered = { ...good, statement: (await act({ user: ann })).statement };
    const bad: SignedAct[] = [
      altered,
      await act({}, {}, await keys()),
      await act({ room: other }),
      await act({ v: 2 as 1 }),
      { ...good, statement: toBase64url(new Uint8Array([0xff, 0xfe])) },
      { ...good, statement: '' },
      { ...good, signature: 'A'.repeat(86) },
    ];
    for (const one of bad) expect(await judge(one, court, false)).toBeNull();
  });

  it('has none without a certificate of this room, this person and this time, signed by the site', async () => {
    const { court, act, certificate } = await world();
    for (const change of [{ room: other }, { user: bob }, { issuedAt: now + 3_600_000 }, { expiresAt: now }])
      expect(await judge(await act({}, { certificate: await certificate(change) }), court, true)).toBeNull();
    expect(await judge(await act({}, { certificate: await certificate({}, await keys()) }), court, true)).toBeNull();
    for (const broken of ['', 'A', 'AAAA', 'A'.repeat(147)])
      expect(await judge(await act({}, { certificate: broken }), court, true)).toBeNull();
    expect(await judge(await act({}, { certificate: await certificate({ room: null }) }), court, true)).not.toBeNull(); // of the whole site
    expect(await judge(await act({ room: null }), court, true)).toBeNull(); // a room's moderator acts in that room only
  });

  it('has none on an equal or a superior', async () => {
    const { court, act, roles, certificate } = await world();
    for (const role of ['moderator', 'owner'] as const) {
      roles.set(bob, role);
      expect(await judge(await act(), court, true)).toBeNull();
    }
    roles.set(bob, 'moderator');
    expect(await judge(await act({}, { certificate: await certificate({ role: 'owner' }) }), court, true)).not.toBeNull();
    roles.set(bob, 'owner'); // whom only the site's own people outrank
    expect(await judge(await act({}, { certificate: await certificate({ role: 'owner' }) }), court, true)).toBeNull();
    for (const role of ['owner', 'moderator'] as const)
      expect(await judge(await act({}, { certificate: await certificate({ room: null, role }) }), court, true)).not.toBeNull();
  });

  it('of somebody who is not in the room counts by the server’s word only; the site’s own is signed by the server', async () => {
    const { court, act, server } = await world();
    const stranger = await act({ device: bob });
    expect([await judge(stranger, court, true), await judge(stranger, court, false)]).toEqual([expect.anything(), null]);
    expect(await judge(await act({ device: null }, { certificate: '' }, server), court, false)).toMatchObject({ device: null });
    expect(await judge(await act({ device: null }, { certificate: '' }), court, true)).toBeNull();
  });
});
