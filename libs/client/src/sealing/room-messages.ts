import { encodeMlsMessage } from 'ts-mls/message.js';
import { zeroOutUint8Array } from 'ts-mls/util/byteArray.js';
import { protectApplicationData } from 'ts-mls/messageProtection.js';
import { toBase64url, type RoomId } from '../../../protocol/src/index.ts';
import { readPrivateHeader, suite } from '../../../mls-wire/src/index.ts';
import type { Store, Write } from '../storage/store.ts';
import { sha256 } from './digest.ts';
import { chunkWrite, markKey } from './group-rows.ts';
import { currentEpoch, loadPast, type Epoch, type Group } from './group-state.ts';
import type { OwnKeys } from './identity.ts';
import { secretTreeOf } from './mls/member.ts';
import { openIn } from './open-envelope.ts';
import { paddedLength } from './padding.ts';
import { SealError, type Opened, type Sealed } from './sealer.ts';
import { meaning } from './seal-errors.ts';

/** Generations set aside by one durable write (delivery.md D10). */
const RESERVED = 32;

/** Seals with the next own generation, which is set aside in the store before anything may leave. */
export async function sealIn(
  store: Store,
  room: RoomId,
  group: Group,
  own: OwnKeys,
  content: Uint8Array,
  authenticated: Uint8Array,
): Promise<{ sealed: Sealed; group: Group }> {
  if (group.removing.length > 0) throw new SealError('removal-pending', 'a removal must be committed first');
  const { member } = group;
  const leaf = member.path.leafIndex;
  const ratchet = group.ratchets[leaf];
  if (!ratchet) throw new SealError('no-group', 'this device has no keys in the group');
  const { privateMessage, newSecretTree, consumed } = await protectApplicationData(
    own.devicePrivate,
    member.schedule.senderDataSecret,
    content,
    authenticated,
    member.context,
    secretTreeOf(leaf, ratchet),
    leaf,
    { kind: 'padUntilLength', padUntilLength: paddedLength(content.length, authenticated.length) },
    await suite(),
  );
  const ratchets = group.ratchets.slice();
  ratchets[leaf] = newSecretTree[2 * leaf]!.application;
  let { mark } = group;
  if (ratchet.generation >= mark) {
    mark = ratchet.generation + RESERVED;
    await store.write([chunkWrite(room, group.epoch, ratchets, leaf), { table: 'epochs', key: markKey(room, group.epoch), value: mark }]);
  }
  consumed.forEach(zeroOutUint8Array);
  const ciphertext = encodeMlsMessage({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
  const sealed = { generation: group.generation, epoch: group.epoch, eid: toBase64url(await sha256(ciphertext)), ciphertext };
  return { sealed, group: { ...group, ratchets, mark } };
}

/** Which epoch of the group an envelope is of. Throws SealError. */
export async function epochFor(store: Pick<Store, 'get'>, room: RoomId, group: Group, ciphertext: Uint8Array): Promise<Epoch> {
  const header = await meaning('undecipherable', 'not a sealed message', () => readPrivateHeader(ciphertext));
  if (header.room !== room || header.generation !== group.generation) throw new SealError('wrong-group', 'sealed for another group');
  if (header.epoch > group.epoch) throw new SealError('future-epoch', 'its commit has not come yet');
  if (header.epoch === group.epoch) return currentEpoch(group);
  const past = group.past.find(({ epoch }) => epoch === header.epoch);
  if (past === undefined) throw new SealError('past-epoch', 'the keys of this epoch are gone');
  return loadPast(store, room, past);
}

/** Opens one envelope; the moved ratchet and what was opened are stored together. */
export async function openFrom(
  store: Store,
  room: RoomId,
  group: Group,
  own: OwnKeys,
  ciphertext: Uint8Array,
): Promise<{ opened: Opened; group: Group }> {
  const epoch = await epochFor(store, room, group, ciphertext);
  const message = await openIn(epoch, ciphertext, own.deviceKey);
  const { author, user, authorKey, content, authenticated } = message;
  const eid = toBase64url(await sha256(ciphertext));
  const opened: Opened = { eid, author, user, authorKey, generation: group.generation, epoch: epoch.epoch, content, authenticated };
  const journal: Write = { table: 'journal', key: `${room}/${eid}`, value: opened };
  await store.write([chunkWrite(room, epoch.epoch, message.ratchets, message.leaf), journal]);
  message.consumed.forEach(zeroOutUint8Array);
  return { opened, group: epoch.epoch === group.epoch ? { ...group, ratchets: message.ratchets } : group };
}
