import {
  ConclaveError,
  fromBase64url,
  RoomAccess,
  RoomJoined,
  RoomSummary,
  roomSecrets,
  toBase64url,
  type RoomId,
  type RoomRequest,
  type UserId,
} from '../../../protocol/src/index.ts';
import { invitationKeys, proofOf } from '../room/invitation-key.ts';
import { requireRoomPassword } from '../room/room-password.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { RestClient } from '../server/rest-client.ts';

/** A room to be made; `password` as it is typed, it never leaves this device. */
export type NewRoom = Pick<RoomRequest, 'name' | 'topic' | 'icon' | 'kind'> & { password?: string };
export type RoomKey = { password: string };

/** The ways into rooms (ROOM1, ROOM3, ROOM5, ROOM8). Each answers with the room one is a member of then. */
export class RoomDoors {
  constructor(
    private readonly rest: RestClient,
    private readonly sealer: () => Sealer,
    private readonly accountKey: () => Uint8Array,
  ) {}

  /** The half of a password that opens the group is kept before the server has the other: a crash in between loses nothing. */
  async create({ password, ...request }: NewRoom): Promise<RoomId> {
    if (request.kind !== 'password') return (await this.rest.as('POST', '/api/rooms', RoomSummary, { json: request })).id;
    requireRoomPassword(password ?? '');
    const id = crypto.randomUUID();
    const { admission, psk } = await roomSecrets(id, password!);
    await this.sealer().setPassword(id, 1, psk);
    await this.rest.as('POST', '/api/rooms', RoomSummary, { json: { ...request, id, admission: toBase64url(admission) } });
    return id;
  }

  async join(room: RoomId, key?: RoomKey): Promise<RoomId> {
    const path = `/api/rooms/${room}/join`;
    if (!key) return (await this.rest.as('POST', path, RoomSummary, { json: {} })).id;
    await this.enterPassword(room, key.password);
    return room;
  }

  /** Throws ConclaveError `bad-credentials`; what was right is kept for the group. */
  async enterPassword(room: RoomId, password: string): Promise<void> {
    const { admission, psk } = await roomSecrets(room, password);
    const { passwordVersion } = await this.rest.as('POST', `/api/rooms/${room}/join`, RoomJoined, {
      json: { admission: toBase64url(admission) },
    });
    await this.sealer().setPassword(room, passwordVersion, psk);
  }

  async joinHidden(name: string): Promise<RoomId> {
    const { id } = await this.rest.as('POST', '/api/rooms/find', RoomSummary, { json: { name } });
    return (await this.rest.as('POST', `/api/rooms/${id}/join`, RoomSummary, { json: { name } })).id;
  }

  async joinByInvitation(fragment: string): Promise<RoomId> {
    const { room, seed } = readFragment(fragment);
    const keys = await invitationKeys(seed);
    const proof = await proofOf(keys, room, this.accountKey());
    const json = { secret: toBase64url(keys.secret), proof: toBase64url(proof) };
    return (await this.rest.as('POST', '/api/room-invites/use', RoomSummary, { json })).id;
  }

  async joinBySlug(slug: string): Promise<RoomId> {
    const { room, mayEnter, member } = await this.rest.as('GET', `/api/rooms/${encodeURIComponent(slug)}/access`, RoomAccess);
    if (room === null || !mayEnter) throw new ConclaveError('not-found', 'there is no such room, or it is not yours');
    return member ? room : this.join(room);
  }

  async direct(user: UserId): Promise<RoomId> {
    return (await this.rest.as('POST', '/api/direct', RoomSummary, { json: { user } })).id;
  }
}

function readFragment(fragment: string): { room: RoomId; seed: Uint8Array } {
  const [room = '', seed = ''] = fragment.split('.');
  if (!/^[0-9a-f-]{36}$/.test(room) || !/^[A-Za-z0-9_-]{43}$/.test(seed))
    throw new ConclaveError('bad-invite', 'this is not an invitation into a room: copy the whole link');
  return { room, seed: fromBase64url(seed) };
}
