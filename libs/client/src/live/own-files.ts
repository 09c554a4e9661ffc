import type { DeviceId } from '../../../protocol/src/index.ts';
import { Files } from '../files/files.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { ServerSocket } from '../server/socket.ts';
import type { LiveOptions } from './live-options.ts';

/** Files as this device keeps and carries them: opened at the first need; `opened` gets the way to close them. */
export function ownFiles(
  { platform, rest, store, identity, site, broken }: LiveOptions,
  mesh: Mesh,
  socket: ServerSocket,
  nameOf: (device: DeviceId) => string,
  opened: (close: () => void) => void,
): Files {
  const { files } = platform;
  const open = async () => {
    const tools = await files!.open(identity.user);
    opened(tools.close);
    return tools;
  };
  return new Files({
    me: identity.user,
    store,
    mesh,
    rest,
    open: files ? open : null,
    online: () => socket.online,
    limits: () => site.files ?? null,
    nameOf,
    broken,
  });
}
