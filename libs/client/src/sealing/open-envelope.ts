import { decodeMlsMessage } from 'ts-mls/message.js';
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js';
import { decryptSenderData, type PrivateMessage } from 'ts-mls/privateMessage.js';
import type { SenderData } from 'ts-mls/sender.js';
import { decodeCertificate, deviceIdOf, type DeviceId, type UserId } from '../../../protocol/src/index.ts';
import { suite } from '../../../mls-wire/src/index.ts';
import type { Epoch } from './group-state.ts';
import { retention, secretTreeOf, type Ratchets } from './mls/member.ts';
import { SealError } from './sealer.ts';

export type OpenedMessage = {
  leaf: number;
  author: DeviceId;
  user: UserId;
  authorKey: Uint8Array;
  content: Uint8Array;
  authenticated: Uint8Array;
  /** The ratchets with the author's moved on. */
  ratchets: Ratchets;
  consumed: Uint8Array[];
};

/** Opens a PrivateMessage of this epoch; `ownKey` is the device's own, whose messages nobody but others can open. Throws SealError. */
export async function openIn(epoch: Epoch, bytes: Uint8Array, ownKey: Uint8Array): Promise<OpenedMessage> {
  const message = privateMessage(bytes);
  const sender = await readSender(epoch, message);
  const node = epoch.tree[2 * sender.leafIndex];
  if (node?.nodeType !== 'leaf') throw new SealError('undecipherable', 'the sender is not in the group');
  const authorKey = node.leaf.signaturePublicKey;
  if (authorKey.every((byte, i) => byte === ownKey[i])) throw new SealError('own', 'sealed by this device');
  const { ratchet, content, authenticated, consumed } = await unprotect(epoch, message, sender);
  const ratchets = epoch.ratchets.slice();
  ratchets[sender.leafIndex] = ratchet;
  const { credential } = node.leaf;
  if (credential.credentialType !== 'basic') throw new SealError('undecipherable', 'the sender has no certificate');
  const { user } = decodeCertificate(credential.identity);
  const author = await deviceIdOf(authorKey);
  return { leaf: sender.leafIndex, author, user, authorKey: authorKey.slice(), content, authenticated, ratchets, consumed };
}

async function unprotect(epoch: Epoch, message: PrivateMessage, sender: SenderData) {
  const ratchet = usable(epoch, sender);
  const secrets = secretTreeOf(sender.leafIndex, ratchet);
  const cs = await suite();
  try {
    const opened = await unprotectPrivateMessage(epoch.senderDataSecret, message, secrets, epoch.tree, epoch.context, retention, cs);
    const { content } = opened.content;
    if (content.contentType !== 'application') throw new SealError('undecipherable', 'handshakes are not sealed');
    return {
      ratchet: opened.tree[2 * sender.leafIndex]!.application,
      content: content.applicationData.slice(),
      authenticated: content.authenticatedData.slice(),
      consumed: opened.consumed,
    };
  } catch (error) {
    if (error instanceof SealError) throw error;
    throw new SealError('undecipherable', 'damaged or forged', { cause: error });
  }
}

/** The ratchet that can open this generation. */
function usable({ ratchets }: Epoch, { leafIndex, generation }: SenderData) {
  const ratchet = ratchets[leafIndex];
  if (!ratchet) throw new SealError('undecipherable', 'the keys of a removed device were deleted');
  if (generation < ratchet.generation && ratchet.unusedGenerations[generation] === undefined)
    throw new SealError('opened-before', 'this generation was opened before, or is too far behind');
  if (generation - ratchet.generation > retention.maximumForwardRatchetSteps)
    throw new SealError('undecipherable', 'too far ahead of what has come');
  return ratchet;
}

async function readSender(epoch: Epoch, message: PrivateMessage): Promise<SenderData> {
  let sender: SenderData | undefined;
  try {
    sender = await decryptSenderData(message, epoch.senderDataSecret, await suite());
  } catch (error) {
    throw new SealError('undecipherable', 'the sender cannot be read', { cause: error });
  }
  if (sender === undefined) throw new SealError('undecipherable', 'the sender cannot be read');
  return sender;
}

/** The bytes were checked by readPrivateHeader. */
function privateMessage(bytes: Uint8Array): PrivateMessage {
  const message = decodeMlsMessage(bytes.slice(), 0)?.[0];
  if (message?.wireformat !== 'mls_private_message') throw new SealError('undecipherable', 'not a sealed message');
  return message.privateMessage;
}
