import { ConclaveError, type TokenFault } from '../../../../libs/protocol/src/index.ts';

const texts: Record<TokenFault, string> = {
  malformed: 'it is not a signed JWT in compact form',
  'not-canonical': 'its base64url is not the only way to write these bytes',
  'duplicate-claim': 'a name stands twice in it',
  'algorithm-not-allowed': 'it is signed with an algorithm that this server does not take',
  'unknown-key': 'no key of the site fits it',
  'bad-signature': 'its signature is wrong',
  'critical-header': 'its header demands extensions',
  'embedded-key': 'its header brings or names a key of its own',
  'missing-subject': '`sub` is missing',
  'bad-subject': '`sub` must be a text of 1 to 255 characters without control characters',
  'missing-expiry': '`exp` is missing',
  'bad-time': '`exp`, `iat` and `nbf` must be seconds since 1970, in an order that makes sense',
  expired: 'it has expired',
  'not-yet-valid': '`nbf` lies in the future',
  'issued-in-future': '`iat` lies in the future: compare the clocks',
  'too-long-lived': 'more than 300 seconds lie between `iat` and `exp`',
  'missing-issued-at': '`iat` is missing',
  'wrong-issuer': '`iss` is another site',
  'wrong-audience': '`aud` is another service',
  'missing-id': '`jti` is missing',
  used: 'it was used before',
  revoked: 'the site has revoked it',
  'bad-claim': 'a claim has the wrong type or is too long',
  'keys-unavailable': 'the keys of the site cannot be fetched at the moment',
};

/** A refused token, by name. Never with anything out of the token. */
export function refused(reason: TokenFault): ConclaveError {
  return new ConclaveError('bad-token', `this sign-in was refused: ${texts[reason]}; go back to the site and try again`, undefined, reason);
}
