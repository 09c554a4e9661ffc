import { isoCBOR } from '@simplewebauthn/server/helpers';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

type Options = { challenge: string; rp?: { id: string }; rpId?: string; user?: { id: string } };
type Flaws = { origin?: string; challenge?: string; verified?: boolean; counter?: number; userHandle?: string; rpId?: string };

const PRESENT = 1;
const VERIFIED = 4;
const ATTESTED = 64;
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

/** One passkey in software (WebAuthn Level 3, 6.1 and 6.5.4): ES256, no attestation. It does what it is told, also what no real one would. */
export class Authenticator {
  readonly id = base64url(randomBytes(32));
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #user = '';
  #counter = 0;

  constructor(private readonly origin: string) {}

  create({ challenge, rp, user }: Options, flaws: Flaws = {}): Record<string, unknown> {
    this.#user = user!.id;
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = Buffer.concat([this.#head(rp!.id, flaws, ATTESTED), Buffer.alloc(16), length, id, this.#coseKey()]);
    const attestation = new Map<string, unknown>([['fmt', 'none'], ['attStmt', new Map()], ['authData', new Uint8Array(authData)]]); // prettier-ignore
    const attestationObject = base64url(isoCBOR.encode(attestation as Parameters<typeof isoCBOR.encode>[0]));
    return this.#answer({
      clientDataJSON: this.#clientData('webauthn.create', challenge, flaws),
      attestationObject,
      transports: ['internal'],
    });
  }

  get({ challenge, rpId }: Options, flaws: Flaws = {}): Record<string, unknown> {
    this.#counter++;
    const authenticatorData = this.#head(rpId!, flaws);
    const clientDataJSON = this.#clientData('webauthn.get', challenge, flaws);
    const signed = Buffer.concat([authenticatorData, sha256(Buffer.from(clientDataJSON, 'base64url'))]);
    const signature = base64url(sign('sha256', signed, this.#keys.privateKey));
    const userHandle = flaws.userHandle ?? this.#user;
    return this.#answer({ clientDataJSON, authenticatorData: base64url(authenticatorData), signature, userHandle });
  }

  #answer(response: Record<string, unknown>): Record<string, unknown> {
    return { id: this.id, rawId: this.id, type: 'public-key', clientExtensionResults: {}, response };
  }

  #clientData(type: string, challenge: string, flaws: Flaws): string {
    const data = { type, challenge: flaws.challenge ?? challenge, origin: flaws.origin ?? this.origin, crossOrigin: false };
    return Buffer.from(JSON.stringify(data)).toString('base64url');
  }

  #head(rpId: string, { verified = true, counter = this.#counter, rpId: other = rpId }: Flaws, more = 0): Buffer {
    const rest = Buffer.alloc(5);
    rest[0] = PRESENT | (verified ? VERIFIED : 0) | more;
    rest.writeUInt32BE(counter, 1);
    return Buffer.concat([sha256(other), rest]);
  }

  #coseKey(): Uint8Array {
    const { x, y } = this.#keys.publicKey.export({ format: 'jwk' });
    const at = (text: string | undefined) => new Uint8Array(Buffer.from(text!, 'base64url'));
    const [ec2, es256, p256] = [2, -7, 1];
    return isoCBOR.encode(new Map<number, unknown>([[1, ec2], [3, es256], [-1, p256], [-2, at(x)], [-3, at(y)]]) as Parameters<typeof isoCBOR.encode>[0]); // prettier-ignore
  }
}
