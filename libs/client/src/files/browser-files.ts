import { ConclaveError, type UserId } from '../../../protocol/src/index.ts';
import type { AttachTools } from './attaching.ts';
import { openWorkerVault, type FilesWorker } from './worker-vault.ts';

const nameOf = (user: UserId) => `conclave-files-${user}`;
const AGAIN_MS = 100;
const TRIES = 30;

/** Files of one account in this browser; undefined where it has no file system of its own for sites. */
export function browserFiles(start: () => FilesWorker) {
  if (!globalThis.navigator?.storage?.getDirectory) return undefined;
  const open = async (user: UserId): Promise<AttachTools & { close: () => void }> => {
    const { tools, close } = openWorkerVault(start(), nameOf(user));
    try {
      await tools.all(); // private windows of some browsers refuse
    } catch (cause) {
      close();
      const text = 'This browser keeps no files here. Leave private browsing, or allow this site to store data.';
      throw Object.assign(new ConclaveError('unavailable', text, undefined, 'no-files'), { cause });
    }
    return { vault: tools, prepare: (file) => tools.prepare(file), close };
  };
  return { open, destroy: (user: UserId) => destroy(nameOf(user)) };
}

/** The worker that has just ended may hold its files a moment longer. */
async function destroy(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  for (let n = 1; ; n++) {
    try {
      return await root.removeEntry(name, { recursive: true });
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return;
      if (n === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
