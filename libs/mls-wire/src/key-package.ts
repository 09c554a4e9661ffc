import { makeKeyPackageRef, verifyKeyPackage, type KeyPackage } from 'ts-mls/keyPackage.js';
import { toBase64url } from '../../protocol/src/index.ts';
import { decodeMessage, guard, sameBytes } from './codec.ts';
import { WireError } from './errors.ts';
import { leafOf } from './leaves.ts';
import { suite, SUITE } from './suite.ts';
import { checkLeaf } from './tree.ts';
import type { KeyPackageInfo } from './types.ts';

const KEY_PACKAGE = 8192;

/** Checks a key package (MLSMessage) as it is at `now`, ms since 1970. Throws WireError. */
export async function readKeyPackage(bytes: Uint8Array, now: number = Date.now()): Promise<KeyPackageInfo> {
  const { keyPackage } = decodeMessage(bytes, 'mls_key_package', KEY_PACKAGE);
  await checkKeyPackage(keyPackage);
  const { lifetime } = keyPackage.leafNode;
  const notBefore = milliseconds(lifetime.notBefore);
  const notAfter = milliseconds(lifetime.notAfter);
  if (now < notBefore || now > notAfter) throw new WireError('invalid-leaf', 'the key package is not valid at this time');
  const { device, user, accountKey, deviceKey } = await leafOf(keyPackage.leafNode, 0);
  return { device, user, accountKey, deviceKey, notBefore, notAfter, ref: await keyPackageRef(keyPackage) };
}

/** All of a key package that does not depend on time: what an Add is judged by. Throws WireError. */
export async function checkKeyPackage(keyPackage: KeyPackage): Promise<void> {
  const { leafNode, initKey } = keyPackage;
  if (keyPackage.version !== 'mls10' || keyPackage.cipherSuite !== SUITE)
    throw new WireError('unsupported', 'another MLS version or suite');
  if (keyPackage.extensions.length > 0) throw new WireError('invalid-leaf', 'key packages carry no extensions');
  if (initKey.length !== 32 || sameBytes(initKey, leafNode.hpkePublicKey))
    throw new WireError('invalid-leaf', 'init key and leaf key are two keys of 32 bytes');
  await checkLeaf(leafNode, 0, new Uint8Array());
  const { signature } = await suite();
  if (!(await guard('bad-signature', () => verifyKeyPackage(keyPackage, signature))))
    throw new WireError('bad-signature', 'the key package is not signed by its device');
}

/** The MLS reference by which a Welcome names a key package, base64url. */
export async function keyPackageRef(keyPackage: KeyPackage): Promise<string> {
  const { hash } = await suite();
  return toBase64url(await makeKeyPackageRef(keyPackage, hash));
}

/** MLS counts seconds in 64 bits; far futures are clamped, not wrapped. */
function milliseconds(seconds: bigint): number {
  return Math.min(Number(seconds) * 1000, Number.MAX_SAFE_INTEGER);
}
