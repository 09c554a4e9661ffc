import { encodeMlsMessage } from 'ts-mls/message.js';
import { type Welcome } from 'ts-mls/welcome.js';
import { decodeKeyPackage, encodeKeyPackage, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { fromBase64url, toBase64url } from '../../../protocol/src/index.ts';
import { suite } from '../../../mls-wire/src/index.ts';
import type { Store, Write } from '../storage/store.ts';
import type { OwnKeys } from './identity.ts';
import { makeKeyPackage } from './mls/found.ts';
import type { PrivateHalf } from './mls/join-by-welcome.ts';

/** How long key packages live, in days; a last-resort one longer, since nothing else is left then (e2ee.md). */
const DAYS = 30;
const LAST_RESORT_DAYS = 90;
const DAY_MS = 24 * 60 * 60_000;

type Row = { keyPackage: Uint8Array; initPrivate: Uint8Array; leafPrivate: Uint8Array; lastResort: boolean; expiresAt: number };

/** Fresh key packages, their private halves stored; those that expired long ago are forgotten with it. */
export async function makeKeyPackages(
  store: Store,
  own: OwnKeys,
  count: number,
  lastResort: boolean,
): Promise<{ packages: Uint8Array[]; lastResort?: Uint8Array }> {
  const expired = (await store.range<Row>('keyPackages', { prefix: '' })).filter(({ value }) => value.expiresAt + DAY_MS < Date.now());
  const writes: Write[] = expired.map(({ key }) => ({ table: 'keyPackages', key, value: undefined }));
  const made = await Promise.all(Array.from({ length: count + Number(lastResort) }, (_, i) => makeOne(own, i === count)));
  await store.write([...writes, ...made.map(({ write }) => write)]);
  const published = made.map(({ published: bytes }) => bytes);
  return lastResort ? { packages: published.slice(0, count), lastResort: published[count]! } : { packages: published };
}

async function makeOne(own: OwnKeys, lastResort: boolean): Promise<{ write: Write; published: Uint8Array }> {
  const days = lastResort ? LAST_RESORT_DAYS : DAYS;
  const { publicPackage, privatePackage } = await makeKeyPackage(own, days);
  const { hash } = await suite();
  const value: Row = {
    keyPackage: encodeKeyPackage(publicPackage),
    initPrivate: privatePackage.initPrivateKey,
    leafPrivate: privatePackage.hpkePrivateKey,
    lastResort,
    expiresAt: Date.now() + days * DAY_MS,
  };
  const key = toBase64url(await makeKeyPackageRef(publicPackage, hash));
  const published = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage });
  return { write: { table: 'keyPackages', key, value }, published };
}

/** The private half a Welcome was made for, and the write that uses it up; null when none of ours is named. */
export async function findPrivateHalf(
  store: Store,
  welcome: Welcome,
): Promise<{ ref: Uint8Array; own: PrivateHalf; used: Write[] } | null> {
  for (const { newMember } of welcome.secrets) {
    const key = toBase64url(newMember);
    const row = await store.get<Row>('keyPackages', key);
    const keyPackage = row && decodeKeyPackage(row.keyPackage.slice(), 0)?.[0];
    if (!row || !keyPackage) continue;
    const used: Write[] = row.lastResort ? [] : [{ table: 'keyPackages', key, value: undefined }];
    return { ref: fromBase64url(key), own: { keyPackage, initPrivate: row.initPrivate, leafPrivate: row.leafPrivate }, used };
  }
  return null;
}
