import { beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Leaf } from '../sealing/sealer.ts';
import { ackStatement, departureStatement, hasMajority, voteStatement } from './mandate.ts';
import { decodePrivate, encodePrivate, type Departure, type Signed } from './messages.ts';

const id = '00000000-0000-4000-8000-000000000000';
const generation = 3;
type Member = Leaf & { sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array> };
let members: Member[];

beforeAll(async () => {
  members = await Promise.all(
    Array.from({ length: 5 }, async (_, i) => {
      const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign']);
      const deviceKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
      const device = `00000000-0000-4000-8000-00000000000${i}`;
      const sign = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.sign('Ed25519', pair.privateKey, bytes));
      return { leaf: i, device, user: device, deviceKey, accountKey: deviceKey, sign };
    }),
  );
});

const vote = async (who: number, said: Uint8Array<ArrayBuffer>): Promise<Signed> => ({
  device: members[who]!.device,
  signature: await members[who]!.sign(said),
});
async function departure(who: number, promised: number, acked: number): Promise<Departure> {
  const signature = await members[who]!.sign(departureStatement(id, generation, { promised, acked }));
  return { device: members[who]!.device, promised, acked, signature };
}
const hash = (fill: number) => new Uint8Array(32).fill(fill);
const epoch = 7;
const said = (fill: number) => ackStatement(id, generation, epoch, hash(fill));
const forCommit = (votes: Signed[], departures: Departure[], fill = 1) =>
  hasMajority(members, { votes, departures }, { id, generation, said: said(fill), neutral: ({ acked }) => acked < epoch });

describe('a majority of a private conversation (P-33)', () => {
  it('is more than half of the leaves, each counted once and by its own signature', async () => {
    const [a, b, c] = [await vote(0, said(1)), await vote(1, said(1)), await vote(2, said(1))];
    expect(await forCommit([a, b], [])).toBe(false);
    expect(await forCommit([a, b, b, a], [])).toBe(false);
    expect(await forCommit([a, b, { ...c, device: members[3]!.device }], [])).toBe(false);
    expect(await forCommit([a, b, await vote(2, said(2))], [])).toBe(false);
    expect(await forCommit([a, b, c], [])).toBe(true);
  });

  it('does not count those who have gone, unless they had acknowledged something here before they went', async () => {
    const [a, b] = [await vote(0, said(1)), await vote(1, said(1))];
    const gone = [await departure(3, generation, epoch - 1), await departure(4, generation, epoch - 1)];
    expect(await forCommit([a], gone)).toBe(false);
    expect(await forCommit([a, b], gone)).toBe(true);
    expect(await forCommit([a, b], [await departure(3, generation, epoch), await departure(4, generation, epoch)])).toBe(false);
    expect(
      await forCommit(
        [a, b],
        gone.map((one) => ({ ...one, acked: 0 })),
      ),
    ).toBe(false); // not what they signed
  });

  it('is never had by two commits, or two sequencers, whoever goes when and whoever knows of it', async () => {
    const step = fc.record({ who: fc.nat(4), goes: fc.boolean(), choice: fc.constantFrom(1, 2) });
    const subset = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 10 }), subset, subset, async (steps, knownToOne, knownToTwo) => {
        const promised = new Map<number, number>(); // whom each has voted for
        const gone = new Map<number, Departure>();
        for (const { who, goes, choice } of steps) {
          if (gone.has(who)) continue;
          if (goes) gone.set(who, await departure(who, promised.has(who) ? generation + 1 : generation, 0));
          else if (!promised.has(who)) promised.set(who, choice);
        }
        const wins = async (choice: number, known: boolean[]) => {
          const candidate = members[choice]!.device;
          const statement = voteStatement(id, generation + 1, candidate);
          const votes = await Promise.all([...promised].filter(([, by]) => by === choice).map(([who]) => vote(who, statement)));
          const departures = [...gone].filter(([who]) => known[who]).map(([, one]) => one);
          const place = { id, generation, said: statement, neutral: ({ promised: to }: Departure) => to < generation + 1 };
          return hasMajority(members, { votes, departures }, place);
        };
        expect((await wins(1, knownToOne)) && (await wins(2, knownToTwo))).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('what members tell each other to go private (P-31)', () => {
  it('comes out as it went in, and rubbish is nothing', () => {
    const message = { type: 'ack', id, generation, epoch, hash: hash(9), signature: new Uint8Array(64).fill(4) } as const;
    expect(decodePrivate(encodePrivate(message))).toEqual(message);
    for (const text of ['', '{', '[]', '{"type":"ack"}', `{"type":"stand","id":"${id}","generation":-1}`, '{"type":"other"}'])
      expect(decodePrivate(new TextEncoder().encode(text))).toBeNull();
    expect(decodePrivate(new Uint8Array([0xff, 0xfe]))).toBeNull();
  });
});
