import fc from 'fast-check';
import { createSigner } from 'fast-jwt';
import jsonwebtoken from 'jsonwebtoken';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { tokenFaults, type TokenFault } from '../../../../libs/protocol/src/index.ts';
import { ConfigError, readConfig } from '../../config.ts';
import { base64url, claimsOf, ISSUER, KID, seconds, Site } from '../../testing/site.ts';
import { handoffAlgorithms } from '../../handoff-settings.ts';
import { HandoffTokens } from './handoff-tokens.service.ts';

/* Tokens alone, without a server. Whether one was used before is tested in rooms/handoff.test.ts. */
function tokensOf(environment: Record<string, string>): HandoffTokens {
  const tokens = new HandoffTokens(readConfig({ NODE_ENV: 'test', ...environment }));
  tokens.onModuleInit();
  return tokens;
}
const reasonOf = (tokens: HandoffTokens, jwt: string): Promise<string> =>
  tokens.verify(jwt).then(
    () => 'taken',
    (error: { code: string; reason: string }) => (error.code === 'bad-token' ? error.reason : JSON.stringify(error)),
  );

const site = new Site();
const rsa = new Site('RS256');
const header = { alg: 'ES256', typ: 'JWT' };
const raw = (claims: string, more: object = {}) => site.raw(JSON.stringify({ ...header, ...more }), claims);
const said = (claims: Record<string, unknown>, more: object = {}) => raw(JSON.stringify(claimsOf(claims)), more);
const text = (claims: Record<string, unknown> = {}) => JSON.stringify(claimsOf(claims));
const unsigned = (head: object, signature = '') => `${base64url(JSON.stringify(head))}.${base64url(text())}.${signature}`;
const hmac = (head: object, key: string) => {
  const input = `${base64url(JSON.stringify(head))}.${base64url(text())}`;
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
};
/** The last letter of a base64url text holds bits that decode to nothing. */
const spareBits = (jwt: string) => jwt.slice(0, -1) + { A: 'B', Q: 'R', g: 'h', w: 'x' }[jwt.slice(-1)]!;
const jwk = site.publicKey.export({ format: 'jwk' });

/** Whoever looks for its end from each quote goes over it thousands of times. */
const endless = `{"${'\\"'.repeat(3_000)}`;

const bad: [kind: string, jwt: () => string | Promise<string>, reason: TokenFault][] = [
  ['no token', () => 'hello', 'malformed'],
  ['two parts', async () => (await site.token()).split('.', 2).join('.'), 'malformed'],
  ['four parts', async () => `${await site.token()}.x`, 'malformed'],
  ['an encrypted token', () => 'a.b.c.d.e', 'malformed'],
  ['spaces around', async () => ` ${await site.token()}`, 'malformed'],
  ['a header that is no JSON', () => site.raw('{', text()), 'malformed'],
  ['a header that is a list', () => site.raw('[]', text()), 'malformed'],
  ['claims that are a list', () => raw('[]'), 'malformed'],
  [
    'claims that are not UTF-8',
    () => `${base64url(JSON.stringify(header))}.${base64url(new Uint8Array([0x22, 0xff, 0x22]))}.AA`,
    'malformed',
  ],
  ['a text without an end', () => site.raw(endless, text()), 'malformed'],
  ['claims nested deep', () => raw(`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`), 'malformed'],
  ['a prototype among the claims', () => raw(text().replace('{', '{"__proto__":{"op":true},')), 'malformed'],
  ['a token for another purpose', () => said({}, { typ: 'logout+jwt' }), 'malformed'],
  ['padding', async () => `${await site.token()}=`, 'not-canonical'],
  ['the other base64', () => said({ nick: '???>>>~~~' }).replace('_', '/').replace('-', '+'), 'not-canonical'],
  ['spare bits', async () => spareBits(await site.token()), 'not-canonical'],
  ['a claim twice', () => raw(text().replace('{', '{"sub":"admin",')), 'duplicate-claim'],
  ['a claim twice, once escaped', () => raw(text().replace('{', '{"s\\u0075b":"admin",')), 'duplicate-claim'],
  ['a claim within a claim twice', () => raw(text().replace('{', '{"rules":{"a":true,"a":false},')), 'duplicate-claim'],
  ['a header field twice', () => site.raw('{"alg":"none","alg":"ES256"}', text()), 'duplicate-claim'],
  ['alg none', () => unsigned({ alg: 'none' }), 'algorithm-not-allowed'],
  ['alg NONE with a signature', () => unsigned({ alg: 'NonE' }, 'AAAA'), 'algorithm-not-allowed'],
  ['no alg', () => unsigned({}, 'AAAA'), 'algorithm-not-allowed'],
  ['alg in small letters', () => said({}, { alg: 'es256' }), 'algorithm-not-allowed'],
  ['alg that is a list', () => said({}, { alg: ['ES256'] }), 'algorithm-not-allowed'],
  ['the public key taken for a secret', () => hmac({ alg: 'HS256' }, site.pem), 'algorithm-not-allowed'],
  ['an algorithm of another family', () => rsa.token(), 'algorithm-not-allowed'],
  ['crit', () => said({}, { crit: ['exp'] }), 'critical-header'],
  ['an unencoded payload', () => said({}, { b64: false }), 'critical-header'],
  ['jwk', () => said({}, { jwk }), 'embedded-key'],
  ['jku', () => said({}, { jku: 'https://evil.test/keys' }), 'embedded-key'],
  ['x5u', () => said({}, { x5u: 'https://evil.test/cert' }), 'embedded-key'],
  ['x5c', () => said({}, { x5c: ['AAAA'] }), 'embedded-key'],
  ['a kid that is no text', () => said({}, { kid: { $ne: '' } }), 'unknown-key'],
  ['no signature', async () => (await site.token()).replace(/[^.]+$/, ''), 'bad-signature'],
  ['a signature of another key', () => new Site().token(), 'bad-signature'],
  ['a signature of zeros', async () => (await site.token()).replace(/[^.]+$/, 'A'.repeat(86)), 'bad-signature'],
  ['claims changed after signing', async () => changed(await site.token()), 'bad-signature'],
  ['no sub', () => said({ sub: undefined }), 'missing-subject'],
  ['an empty sub', () => said({ sub: '' }), 'bad-subject'],
  ['a sub of 256 characters', () => said({ sub: 'x'.repeat(256) }), 'bad-subject'],
  ['NUL in sub', () => said({ sub: 'do\0ra' }), 'bad-subject'],
  ['half a surrogate pair in sub', () => raw(text().replace('"dora"', '"\\ud800"')), 'bad-subject'],
  ['a sub that is a number', () => said({ sub: 7 }), 'bad-subject'],
  ['a sub that is an object', () => said({ sub: { $ne: null } }), 'bad-subject'],
  ['no exp', () => said({ exp: undefined }), 'missing-expiry'],
  ['no iat', () => said({ iat: undefined }), 'missing-issued-at'],
  ['exp as text', () => said({ exp: String(seconds() + 60) }), 'bad-time'],
  ['exp null', () => said({ exp: null }), 'bad-time'],
  ['exp beyond numbers', () => raw(text().replace(/"exp":\d+/, '"exp":1e999')), 'bad-time'],
  ['times in milliseconds', () => said({ iat: Date.now(), exp: Date.now() + 60_000 }), 'bad-time'],
  ['a negative iat', () => said({ iat: -5 }), 'bad-time'],
  ['exp before iat', () => said({ exp: seconds() - 1 }), 'bad-time'],
  ['nbf after exp', () => said({ nbf: seconds() + 121 }), 'bad-time'],
  ['nbf as text', () => said({ nbf: 'now' }), 'bad-time'],
  ['expired', () => said({ iat: seconds() - 120, exp: seconds() - 31 }), 'expired'],
  ['not yet valid', () => said({ nbf: seconds() + 60 }), 'not-yet-valid'],
  ['issued in the future', () => said({ iat: seconds() + 60 }), 'issued-in-future'],
  ['301 seconds long', () => said({ exp: seconds() + 301 }), 'too-long-lived'],
  ['a month long', () => said({ exp: seconds() + 2_592_000 }), 'too-long-lived'],
  ['another issuer', () => said({ iss: 'https://evil.test' }), 'wrong-issuer'],
  ['no issuer', () => said({ iss: undefined }), 'wrong-issuer'],
  ['a list of issuers', () => said({ iss: [ISSUER] }), 'wrong-issuer'],
  ['another audience', () => said({ aud: 'mail' }), 'wrong-audience'],
  ['no audience', () => said({ aud: undefined }), 'wrong-audience'],
  ['audiences that are no texts', () => said({ aud: ['chat', 7] }), 'wrong-audience'],
  ['no jti', () => said({ jti: undefined }), 'missing-id'],
  ['a jti that is an object', () => said({ jti: {} }), 'bad-claim'],
  ['op as text', () => said({ op: 'true' }), 'bad-claim'],
  ['vip as a number', () => said({ vip: 1 }), 'bad-claim'],
  ['nick as a list', () => said({ nick: ['Dora'] }), 'bad-claim'],
  ['a url that is a script', () => said({ url: 'javascript:alert(1)' }), 'bad-claim'],
  ['too many rooms', () => said({ rooms: Array(101).fill('Lobby') }), 'bad-claim'],
  ['rooms as text', () => said({ rooms: 'Lobby' }), 'bad-claim'],
  ['rules that are no flags', () => said({ rules: { upload: 'yes' } }), 'bad-claim'],
  ['an img without end', () => said({ img: 'x'.repeat(2_049) }), 'bad-claim'],
];
const changed = (jwt: string) => {
  const [head, , signature] = jwt.split('.');
  return `${head}.${base64url(text({ sub: 'admin' }))}.${signature}`;
};

describe('tokens that are refused, each by its name (ACC10)', () => {
  const tokens = tokensOf(site.environment({ HANDOFF_AUDIENCE: 'chat' }));
  // Every one of them but for its fault would be taken.
  const sound = { ...Object.fromEntries(Object.entries(claimsOf())), aud: 'chat' };

  it('takes the sound one', async () => {
    expect(await reasonOf(tokens, await site.token(sound))).toBe('taken');
    expect(await reasonOf(tokens, await site.token({ ...sound, aud: ['mail', 'chat'] }))).toBe('taken');
  });

  const plain = tokensOf(site.environment());
  it.each(bad)('%s', async (_, jwt, reason) => {
    expect(await reasonOf(reason === 'wrong-audience' ? tokens : plain, await jwt())).toBe(reason);
  });
});

it('searches nothing in what is no JSON, which may be made to take long', async () => {
  const tokens = tokensOf(site.environment());
  const scans = vi.spyOn(String.prototype, 'matchAll');
  try {
    for (const jwt of [site.raw(endless, text()), raw(endless), raw(endless.slice(1))])
      expect(await reasonOf(tokens, jwt)).toBe('malformed');
    expect(scans.mock.contexts.filter((scanned) => scanned === endless || scanned === endless.slice(1))).toEqual([]);
    expect(await reasonOf(tokens, await site.token())).toBe('taken');
    expect(scans.mock.contexts.length).toBeGreaterThan(0);
  } finally {
    scans.mockRestore();
  }
});

it('names a fault of whatever else may come', async () => {
  const tokens = tokensOf(site.environment());
  const faults: readonly string[] = tokenFaults;
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), fc.json(), fc.json(), async (text, head, claims) => {
      for (const jwt of [text, `${text}.${text}.${text}`, site.raw(head, claims), raw(claims), raw(text)]) {
        const reason = await reasonOf(tokens, jwt);
        if (!faults.includes(reason)) throw new Error(`${jwt}: ${reason}`);
      }
    }),
    { numRuns: 300 },
  );
});

describe('tokens that are taken (ACC10)', () => {
  const libraries = {
    jose: (one: Site) => one.token({ nick: 'Dora' }),
    jsonwebtoken: (one: Site) =>
      jsonwebtoken.sign(claimsOf({ nick: 'Dora' }), one.algorithm === 'HS256' ? one.secret : one.privateKey, {
        algorithm: one.algorithm as 'HS256',
      }),
    'fast-jwt': (one: Site) => {
      const key = one.algorithm === 'HS256' ? one.secret : one.privateKey.export({ type: 'pkcs8', format: 'pem' });
      return createSigner({ key, algorithm: one.algorithm })(claimsOf({ nick: 'Dora' }));
    },
  };
  const known = handoffAlgorithms.flatMap(
    (algorithm) =>
    // jsonwebtoken 9 has no EdDSA.
    Object.entries(libraries).filter(([name]) => !(algorithm === 'EdDSA' && name === 'jsonwebtoken')).map(([name, make]) => [algorithm, name, make] as const), // prettier-ignore
  );

  it.each(known)('%s made by %s', async (algorithm, _, make) => {
    const one = new Site(algorithm);
    const jwt = await make(one);
    expect(await tokensOf(one.environment()).verify(jwt)).toMatchObject({ issuer: ISSUER, subject: 'dora', nick: 'Dora' });
    expect(await reasonOf(tokensOf(new Site(algorithm).environment()), jwt)).toBe('bad-signature');
  });

  it('whatever the form of sub, and with clocks half a minute apart, but not more', async () => {
    const tokens = tokensOf(site.environment());
    for (const sub of ['7', 'x'.repeat(255), 'dora@example.org', '李 雷', '../../etc/passwd', "'; drop table account; --"])
      expect((await tokens.verify(said({ sub }))).subject).toBe(sub);
    expect(await reasonOf(tokens, said({ iat: seconds() + 25 }))).toBe('taken');
    expect(await reasonOf(tokens, said({ iat: seconds() - 100, exp: seconds() - 25 }))).toBe('taken');
    expect(await reasonOf(tokens, said({ exp: seconds() + 299.5, iat: seconds() - 0.5 }))).toBe('taken');
  });
});

describe('the keys of a site', () => {
  const listening: ReturnType<typeof createServer>[] = [];
  afterEach(() => listening.splice(0).forEach((server) => server.close()));
  const serve = async (listener: RequestListener): Promise<string> => {
    const server = createServer(listener);
    listening.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/keys`;
  };
  const set = (...keys: object[]) => JSON.stringify({ keys });
  const settings = (HANDOFF_JWKS: string) => ({ HANDOFF_ALGORITHMS: 'ES256', HANDOFF_ISSUER: ISSUER, HANDOFF_JWKS });

  it('come from a file, by kid or as the only one that fits', async () => {
    const second = new Site();
    const tokens = tokensOf(settings(site.file('two.json', set(site.jwk, { ...second.jwk, kid: 'two' }, rsa.jwk))));
    expect(await reasonOf(tokens, await site.token({}, { kid: KID }))).toBe('taken');
    expect(await reasonOf(tokens, await second.token({}, { kid: 'two' }))).toBe('taken');
    expect(await reasonOf(tokens, await second.token({}, { kid: KID }))).toBe('bad-signature');
    expect(await reasonOf(tokens, await site.token({}, { kid: 'three' }))).toBe('unknown-key');
    expect(await reasonOf(tokens, await site.token())).toBe('unknown-key');
    const one = tokensOf(settings(site.file('one.json', set(site.jwk, rsa.jwk))));
    expect(await reasonOf(one, await site.token())).toBe('taken');
    const encrypting = tokensOf(settings(site.file('enc.json', set({ ...site.jwk, use: 'enc' }))));
    expect(await reasonOf(encrypting, await site.token({}, { kid: KID }))).toBe('unknown-key');
  });

  it('come from an address, and hold when it fails, lies or is asked for what it has not', async () => {
    let asked = 0;
    let answer = set(site.jwk);
    let status = 200;
    const url = await serve((_, response) => (asked++, response.writeHead(status).end(answer)));
    const tokens = tokensOf(settings(url));
    for (let i = 0; i < 3; i++) expect(await reasonOf(tokens, await site.token({}, { kid: KID }))).toBe('taken');
    expect(asked).toBe(1);
    // Within 30 s an unknown key does not make this server ask again.
    for (let i = 0; i < 5; i++) expect(await reasonOf(tokens, await site.token({}, { kid: 'new' }))).toBe('unknown-key');
    expect(asked).toBe(1);
    const { now } = Date;
    try {
      for (const [minutes, newStatus, newAnswer] of [
        [11, 500, ''],
        [22, 200, '<html>'],
        [33, 200, set()],
        [44, 302, ''],
      ] as const) {
        Date.now = () => now() + minutes * 60_000;
        [status, answer] = [newStatus, newAnswer];
        const jwt = await site.token({}, { kid: KID });
        expect(await reasonOf(tokens, jwt)).toBe('taken');
      }
      expect(asked).toBe(5);
      Date.now = () => now() + 60 * 60_000;
      const next = new Site();
      [status, answer] = [200, set({ ...next.jwk, kid: 'next' })];
      expect(await reasonOf(tokens, await next.token({}, { kid: 'next' }))).toBe('taken');
      expect(await reasonOf(tokens, await site.token({}, { kid: KID }))).toBe('unknown-key');
    } finally {
      Date.now = now;
    }
  });

  it.each([
    ['is larger than 256 KiB', (_, response) => response.end(`${set(site.jwk)}${' '.repeat(256 * 1024)}`)],
    [
      'leads elsewhere',
      (request, response) =>
        request.url === '/keys' ? response.writeHead(302, { location: '/there' }).end() : response.end(set(site.jwk)),
    ],
    ['is no JSON', (_, response) => response.end('keys')],
    ['fails', (_, response) => response.writeHead(503).end()],
    ['breaks off', (request) => request.socket.destroy()],
  ] satisfies [string, RequestListener][])('are not taken from an address that %s', async (_, listener) => {
    expect(await reasonOf(tokensOf(settings(await serve(listener))), await site.token({}, { kid: KID }))).toBe('keys-unavailable');
  });

  it.each<[string, Record<string, string>]>([
    ['a short secret', { HANDOFF_ALGORITHMS: 'HS256', HANDOFF_SECRET: 'x7'.repeat(15) }],
    ['an example', { HANDOFF_ALGORITHMS: 'HS256', HANDOFF_SECRET: 'change-me-change-me-change-me-0123456789' }],
    ['one letter many times', { HANDOFF_ALGORITHMS: 'HS256', HANDOFF_SECRET: 'a'.repeat(64) }],
    ['no algorithm', { HANDOFF_SECRET: site.secret }],
    ['two families', { ...rsa.environment(), HANDOFF_ALGORITHMS: 'RS256,ES256' }],
    ['an algorithm that is none', { ...rsa.environment(), HANDOFF_ALGORITHMS: 'none' }],
    ['a secret for signatures', { HANDOFF_ALGORITHMS: 'ES256', HANDOFF_SECRET: site.secret }],
    ['a public key for HS256', { ...site.environment(), HANDOFF_ALGORITHMS: 'HS256' }],
    ['two keys', { ...site.environment(), HANDOFF_SECRET: site.secret }],
    ['strict without a key', { HANDOFF_MODE: 'strict' }],
    ['an issuer without a key', { HANDOFF_ISSUER: ISSUER }],
    ['a key of another kind', { ...site.environment(), HANDOFF_PUBLIC_KEY: rsa.file('rsa.pem', rsa.pem) }],
    [
      'a private key',
      {
        ...site.environment(),
        HANDOFF_PUBLIC_KEY: site.file('private.pem', site.privateKey.export({ type: 'pkcs8', format: 'pem' })),
      },
    ],
    ['a key of 1024 bits', { ...rsa.environment(), HANDOFF_PUBLIC_KEY: rsa.file('weak.pem', weak()) }],
    ['a file that is not there', { ...site.environment(), HANDOFF_PUBLIC_KEY: '/nowhere/site.pem' }],
    ['a set that is none', settings(site.file('bad.json', '[]'))],
  ])('are refused at start: %s', (_, environment) => {
    expect(() => tokensOf(environment)).toThrow(ConfigError);
    expect(() => tokensOf(environment)).toThrow(/^HANDOFF_/);
  });
});

function weak(): string {
  return generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ type: 'spki', format: 'pem' });
}
