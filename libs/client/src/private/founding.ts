import type { DeviceId, RoomId } from '../../../protocol/src/index.ts';
import { SealError, type Bundle, type Sealer } from '../sealing/sealer.ts';

/** True when the key package is of this very device: a member could otherwise bring somebody else along. */
export async function isOf(sealer: Sealer, device: DeviceId, keyPackage: Uint8Array): Promise<boolean> {
  try {
    return (await sealer.ownerOf(keyPackage)).device === device;
  } catch (error) {
    if (error instanceof SealError && error.code === 'invalid-commit') return false;
    throw error;
  }
}

/** A group of its own with the owners of these key packages, in two steps nobody else sees: its maker orders it. */
export async function foundPrivate(sealer: Sealer, id: RoomId, generation: number, packages: Uint8Array[]): Promise<Bundle> {
  const { deviceKey } = (await sealer.identity())!;
  await sealer.found(id, generation, deviceKey, { by: 'closed' });
  await sealer.confirm(id, generation, 0);
  const bundle = await sealer.commit(id, packages);
  await sealer.confirm(id, generation, 1);
  return bundle;
}
