import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceLoginStatement, fromBase64url, toBase64url } from '../../../libs/protocol/src/index.ts';
import { Database } from '../database/database.ts';
import { signingDevice, type Signer } from '../testing/signing-device.ts';
import { World, type Answer, type Person } from '../testing/world.ts';

let world: World;
let ann: Person;
let program: Signer;
let serverKey: Uint8Array;

beforeAll(async () => {
  world = await World.open();
  let signer: Signer;
  ann = await world.first('ann', async (user) => {
    const made = await signingDevice(user);
    signer = made.signer;
    return made.keys;
  });
  program = signer!;
  serverKey = fromBase64url((await world.call('GET', '/api/config')).body.serverKey);
});
afterAll(() => world.close());

const challenge = async (device: string) => (await world.call('POST', '/api/auth/device/challenge', { device })).body.challenge as string;
async function answerTo(asked: string, { device, sign }: Signer, key = serverKey): Promise<object> {
  return { device, challenge: asked, signature: toBase64url(await sign(deviceLoginStatement(key, device, fromBase64url(asked)))) };
}
const login = (body: object): Promise<Answer> => world.call('POST', '/api/auth/device', body);
const refused = (answer: Answer) => expect([answer.status, answer.body.code]).toEqual([401, 'bad-credentials']);

describe('a device’s key (ACC9)', () => {
  it('signs in once per challenge, also when many race, to a session of that device', async () => {
    const body = await answerTo(await challenge(program.device), program);
    const answers = await Promise.all([login(body), login(body), login(body)]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401, 401]);
    const { accessToken, user } = answers.find(({ status }) => status === 200)!.body;
    expect(user.id).toBe(ann.id);
    const sessions = (await world.call('GET', '/api/me/sessions', undefined, accessToken)).body;
    expect(sessions.find(({ current }: { current: boolean }) => current)).toMatchObject({ method: 'device', device: program.device });
    (await world.connect({ ...ann, token: accessToken })).close();
    refused(await login(body));
  });

  it('opens nothing by a signature for another server, device, challenge or purpose, nor by no signature', async () => {
    const asked = await challenge(program.device);
    const other = (await signingDevice(ann.id)).signer;
    refused(await login(await answerTo(asked, program, new Uint8Array(32))));
    refused(await login({ ...(await answerTo(asked, program)), challenge: await challenge(program.device) }));
    refused(await login(await answerTo(await challenge(other.device), program)));
    refused(await login(await answerTo(asked, { ...other, device: program.device })));
    refused(await login(await answerTo(toBase64url(new Uint8Array(32)), program)));
    const passkey = (await world.call('POST', '/api/auth/passkey/options', {})).body.options.challenge as string;
    refused(await login(await answerTo(passkey, program)));
    const bare = toBase64url(await program.sign(fromBase64url(asked)));
    refused(await login({ device: program.device, challenge: asked, signature: bare }));
    expect((await login({ device: program.device, challenge: asked, signature: 'AA' })).status).toBe(400);
    expect((await login(await answerTo(asked, program))).status).toBe(200);
  });

  it('that nobody enrolled gets a challenge of the same form, which opens nothing', async () => {
    const { signer } = await signingDevice(ann.id);
    const [known, unknown] = await Promise.all(
      [program.device, signer.device].map((device) => world.call('POST', '/api/auth/device/challenge', { device })),
    );
    expect([unknown.status, Object.keys(unknown.body), unknown.body.challenge.length]).toEqual([200, Object.keys(known.body), 43]);
    const [stranger, wrong] = [
      await login(await answerTo(unknown.body.challenge, signer)),
      await login(await answerTo(known.body.challenge, signer)),
    ];
    expect(stranger.body).toEqual(wrong.body);
    refused(stranger);
  });

  it('of a locked account opens nothing, and of a removed device neither', async () => {
    const database = world.server.app.get(Database);
    await database.run('update account set locked_at = 1 where id = $1', [ann.id]);
    const asked = await challenge(program.device);
    const locked = await login(await answerTo(asked, program));
    expect([locked.status, locked.body.code]).toEqual([403, 'account-locked']);
    await database.run('update account set locked_at = null where id = $1', [ann.id]);
    const session = await login(await answerTo(asked, program)); // it was not used up
    expect(session.status).toBe(200);
    await world.call('DELETE', `/api/me/devices/${program.device}`, undefined, session.body.accessToken);
    refused(await login(await answerTo(await challenge(program.device), program)));
  });
});
