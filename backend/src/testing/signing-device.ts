import { webcrypto } from 'node:crypto';
import { certificateStatement, deviceIdOf, deviceLoginStatement, fromBase64url, toBase64url } from '../../../libs/protocol/src/index.ts';
import { makeAccount, type Answer, type Keys, type World } from './world.ts';

export type Signer = { device: string; sign: (statement: Uint8Array<ArrayBuffer>) => Promise<Uint8Array> };

/** A device that keeps its private key, as programs do (ACC9). `login` is its whole way in. */
export async function signingDevice(user: string): Promise<{ keys: Keys; signer: Signer; login: (world: World) => Promise<Answer> }> {
  const account = await makeAccount();
  const { privateKey, publicKey } = (await webcrypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as CryptoKeyPair;
  const deviceKey = new Uint8Array(await webcrypto.subtle.exportKey('raw', publicKey));
  const statement = certificateStatement(user, account.key, deviceKey);
  const signature = new Uint8Array(await webcrypto.subtle.sign('Ed25519', account.privateKey, statement));
  const device = await deviceIdOf(deviceKey);
  const sign = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await webcrypto.subtle.sign('Ed25519', privateKey, bytes));
  const login = async (world: World) => {
    const serverKey = fromBase64url((await world.call('GET', '/api/config')).body.serverKey);
    const { challenge } = (await world.call('POST', '/api/auth/device/challenge', { device })).body;
    const signed = toBase64url(await sign(deviceLoginStatement(serverKey, device, fromBase64url(challenge))));
    return world.call('POST', '/api/auth/device', { device, challenge, signature: signed });
  };
  return { keys: { deviceKey, accountKey: account.key, signature, device, account }, signer: { device, sign }, login };
}
