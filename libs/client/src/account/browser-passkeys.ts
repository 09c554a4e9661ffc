import { ConclaveError, fromBase64url, toBase64url } from '../../../protocol/src/index.ts';
import type { Passkeys } from './passkeys.ts';

type Json = Record<string, unknown>;
const library = () => import('@simplewebauthn/browser'); // fetched when somebody uses a passkey
const secretTimeoutMs = 120_000;

/** Passkeys of this browser; null where there is no WebAuthn. */
export function browserPasskeys(): Passkeys | null {
  if (!globalThis.PublicKeyCredential) return null;
  return {
    create: (options) =>
      told(async () => {
        const { startRegistration } = await library();
        return (await startRegistration({ optionsJSON: options as never })) as unknown as Json;
      }),
    get: (options, conditional) =>
      told(async () => {
        const { startAuthentication } = await library();
        return (await startAuthentication({ optionsJSON: options as never, useBrowserAutofill: conditional })) as unknown as Json;
      }),
    stop: () => void library().then(({ WebAuthnAbortService }) => WebAuthnAbortService.cancelCeremony()),
    suggests: async () => (await library()).browserSupportsWebAuthnAutofill(),
    secret: (credentials, salt) => told(() => secretOf(credentials, salt)),
  };
}

/** PRF (W3C WebAuthn Level 3, 10.1.4). The challenge is nobody's: no server checks this answer, only its secret opens something. */
async function secretOf(credentials: string[], salt: Uint8Array): Promise<{ credential: string; secret: Uint8Array }> {
  const answer = (await navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      timeout: secretTimeoutMs,
      userVerification: 'required',
      allowCredentials: credentials.map((id) => ({ type: 'public-key', id: fromBase64url(id) })),
      extensions: { prf: { eval: { first: salt as Uint8Array<ArrayBuffer> } } },
    },
  })) as PublicKeyCredential | null;
  const first = answer?.getClientExtensionResults().prf?.results?.first;
  if (!answer || !first) {
    throw new ConclaveError('unavailable', 'this passkey has no PRF', undefined, 'passkey-unfit');
  }
  const bytes = first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array(first.buffer, first.byteOffset, first.byteLength);
  return { credential: toBase64url(new Uint8Array(answer.rawId)), secret: bytes.slice() };
}

/** What WebAuthn throws, in words for people; it says no more by design, so that a page learns nothing about other accounts. */
async function told<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ConclaveError) throw error;
    const name = error instanceof Error ? error.name : '';
    if (name === 'InvalidStateError')
      throw new ConclaveError('conflict', 'this device has a passkey of this account', undefined, 'passkey-there');
    if (name === 'NotAllowedError' || name === 'AbortError')
      throw new ConclaveError('conflict', 'called off, or too late', undefined, 'no-passkey-used');
    if (name === 'SecurityError' || name === 'NotSupportedError' || name === 'WebAuthnError')
      throw new ConclaveError('unavailable', 'WebAuthn refuses this page', undefined, 'passkeys-off');
    throw error;
  }
}
