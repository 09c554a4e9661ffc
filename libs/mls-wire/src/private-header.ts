import { limits, type RoomId } from '../../protocol/src/index.ts';
import { decodeMessage } from './codec.ts';
import { WireError } from './errors.ts';
import { epochOf, namesOf } from './group-info.ts';

/**
 * Which group and epoch an application PrivateMessage is of, and what it authenticates in the clear, without decrypting it. Throws WireError.
 */
export function readPrivateHeader(bytes: Uint8Array): {
  room: RoomId;
  generation: number;
  groupId: Uint8Array;
  epoch: number;
  authenticated: Uint8Array;
} {
  const { privateMessage } = decodeMessage(bytes, 'mls_private_message', limits.ciphertext);
  if (privateMessage.contentType !== 'application') throw new WireError('unsupported', 'handshakes are not sealed');
  const { groupId } = privateMessage;
  return { ...namesOf(groupId), groupId, epoch: epochOf(privateMessage.epoch), authenticated: privateMessage.authenticatedData };
}
