import { randomBytes } from 'node:crypto';
import { actStatement, toBase64url, type ModerationStatement } from '../../../libs/protocol/src/index.ts';
import { signingDevice, type Signer } from './signing-device.ts';
import type { Answer, Person, World } from './world.ts';

/** A person whose device key is at hand, so that they can sign what they do. */
export type Acting = Person & { signer: Signer };
type Said = Partial<ModerationStatement> & Pick<ModerationStatement, 'act' | 'user'>;

export async function acting(world: World, username: string, isFirst = false): Promise<Acting> {
  let signer!: Signer;
  const keysFor = async (user: string) => {
    const made = await signingDevice(user);
    signer = made.signer;
    return made.keys;
  };
  const person = isFirst ? await world.first(username, keysFor) : await world.person(username, keysFor);
  return { ...person, signer };
}

export function statementOf(by: Acting, said: Said): ModerationStatement {
  const until = said.act === 'ban' || said.act === 'mute' ? { until: null } : {};
  const nonce = randomBytes(16).toString('base64url');
  return { v: 1, room: null, reason: '', by: by.id, device: by.keys.device, at: Date.now(), nonce, ...until, ...said };
}

export async function signed(by: Acting, statement: object): Promise<{ statement: string; signature: string }> {
  const bytes = new TextEncoder().encode(JSON.stringify(statement));
  return { statement: toBase64url(bytes), signature: toBase64url(await by.signer.sign(actStatement(bytes))) };
}

/** Signs an act and brings it to the server. */
export async function act(world: World, by: Acting, said: Said): Promise<Answer> {
  const path = said.room ? `/api/rooms/${said.room}/moderation` : '/api/moderation';
  return world.call('POST', path, await signed(by, statementOf(by, said)), by.token);
}
