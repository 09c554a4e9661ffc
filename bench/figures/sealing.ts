import { createGroup, joinGroup } from 'ts-mls/clientState.js';
import { createCommit } from 'ts-mls/createCommit.js';
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import { defaultCapabilities } from 'ts-mls/defaultCapabilities.js';
import { generateKeyPackage } from 'ts-mls/keyPackage.js';
import { defaultLifetime } from 'ts-mls/lifetime.js';
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { toBase64url, verifyEd25519 } from '../../libs/protocol/src/index.ts';
import { suite } from '../../libs/mls-wire/src/index.ts';
import { MlsSealer } from '../../libs/client/src/sealing/mls-sealer.ts';
import { openMemoryStore } from '../../libs/client/src/storage/memory-store.ts';
import { median } from '../crowd.ts';
import type { Options } from '../options.ts';
import type { Report } from '../report.ts';

const CONTENT = new Uint8Array(200).fill(7);
const WARM_UP = 200;
const room = crypto.randomUUID();

/** One message there, in ms. */
type There = () => Promise<void>;

async function times(there: There, count: number): Promise<number[]> {
  const all: number[] = [];
  for (let i = -WARM_UP; i < count; i++) {
    const begun = performance.now();
    await there();
    if (i >= 0) all.push(performance.now() - begun);
  }
  return all;
}

/** Two members by the library alone, with one more signature and verification as every statement has. */
async function byLibrary(): Promise<There> {
  const cs = await suite();
  const credential = (name: string) => ({ credentialType: 'basic' as const, identity: new TextEncoder().encode(name) });
  const packageOf = (name: string) => generateKeyPackage(credential(name), defaultCapabilities(), defaultLifetime, [], cs);
  const [ann, bob] = [await packageOf('ann'), await packageOf('bob')];
  const founded = await createGroup(new TextEncoder().encode('group'), ann.publicPackage, ann.privatePackage, [], cs);
  const add = { proposalType: 'add' as const, add: { keyPackage: bob.publicPackage } };
  const { newState, welcome } = await createCommit(
    { state: founded, cipherSuite: cs },
    { extraProposals: [add], ratchetTreeExtension: true },
  );
  let author = newState;
  let reader = await joinGroup(welcome!, bob.publicPackage, bob.privatePackage, emptyPskIndex, cs);
  const { signKey, publicKey } = await cs.signature.keygen();
  return async () => {
    const signature = await cs.signature.sign(signKey, CONTENT);
    const sealed = await createApplicationMessage(author, CONTENT, cs);
    author = sealed.newState;
    const bytes = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage: sealed.privateMessage });
    const [message] = decodeMlsMessage(bytes, 0)!;
    if (message.wireformat !== 'mls_private_message') throw new TypeError('sealed is sealed');
    const opened = await processPrivateMessage(reader, message.privateMessage, emptyPskIndex, cs);
    reader = opened.newState;
    if (opened.kind !== 'applicationMessage' || !(await verifyEd25519(publicKey, signature, CONTENT)))
      throw new TypeError('not what was said');
  };
}

/** The same by our sealer, which also pads, checks certificates, and stores its keys before anything leaves; here in memory. */
async function bySealer(): Promise<There> {
  const [ann, bob] = [new MlsSealer(openMemoryStore()), new MlsSealer(openMemoryStore())];
  const { deviceKey } = await ann.enroll(crypto.randomUUID());
  await bob.enroll(crypto.randomUUID());
  const server = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const serverKey = new Uint8Array(await crypto.subtle.exportKey('raw', server.publicKey));
  await ann.found(room, 0, serverKey, { by: 'open' });
  await ann.confirm(room, 0, 0);
  const { packages } = await bob.keyPackages(1, false);
  const { welcome, groupInfo } = await ann.commit(room, packages);
  await ann.confirm(room, 0, 1);
  await bob.joinByWelcome(room, welcome, groupInfo, serverKey);
  return async () => {
    const signature = await ann.sign(CONTENT);
    const { ciphertext } = await ann.seal(room, CONTENT, new Uint8Array(32));
    const { content } = await bob.open(room, ciphertext);
    if (!(await verifyEd25519(deviceKey, signature, content))) throw new TypeError(`not what was said: ${toBase64url(content)}`);
  };
}

/** P12, in Node. Gives the milliseconds that sealing and opening take. */
export async function sealing({ quick }: Options, report: Report): Promise<number> {
  const count = quick ? 100 : 1_000;
  const [library, sealer] = [median(await times(await byLibrary(), count)), median(await times(await bySealer(), count))];
  report.add({
    figure: 'P12',
    what: 'seal and open 200 B, with one signature and verification, in Node',
    goal: '≤ 1.3 × the library',
    measured: `${(sealer / library).toFixed(2)} × (${sealer.toFixed(2)} and ${library.toFixed(2)} ms)`,
    met: sealer <= 1.3 * library,
  });
  return sealer;
}
