import { deviceIdOf, type DeviceId } from '../../../protocol/src/index.ts';
import { next } from '../delivery/link-contract.ts';
import { MemorySignaler } from './memory-signaler.ts';
import { Mesh } from './mesh.ts';
import { NodePeerConnection } from './node-rtc.ts';

/* For tests: meshes with real WebRTC in Node; the server that passes signals is a memory. */
export const room = '11111111-1111-4111-8111-111111111111';
const configuration = () => ({ iceServers: [] });

export type Device = { device: DeviceId; deviceKey: Uint8Array; sign: (bytes: Uint8Array) => Promise<Uint8Array> };

export async function makeDevice(): Promise<Device> {
  const { publicKey, privateKey } = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  const deviceKey = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
  const sign = async (bytes: Uint8Array) =>
    new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, bytes as Uint8Array<ArrayBuffer>));
  return { device: await deviceIdOf(deviceKey), deviceKey, sign };
}

export const meshes: Mesh[] = [];
export function makeMesh(
  own: Device,
  signalers: Map<DeviceId, MemorySignaler>,
  rtc: typeof RTCPeerConnection = NodePeerConnection,
): { mesh: Mesh; signaler: MemorySignaler } {
  const signaler = new MemorySignaler(own.device, signalers);
  const mesh = new Mesh({ rtc, configuration, own, signaler, visible: () => true });
  meshes.push(mesh);
  return { mesh, signaler };
}

export const online = ({ device, deviceKey }: Device) => ({ device, deviceKey, online: true });

export async function reached(mesh: Mesh, device: DeviceId): Promise<void> {
  while (!mesh.reaches(device)) await next(mesh, 'changed');
}
