import { browserPlatform, createConclave, type ConclaveClient } from '../../../libs/client/src/index.ts';

/** The client core on this browser. Only the bundler knows where the workers are. */
export function createClient(): ConclaveClient {
  return createConclave(browserPlatform({ startSealer, startFinder, startFiles }));
}

function startSealer(): Worker {
  return new Worker(new URL('./sealer.worker', import.meta.url), { type: 'module' });
}

function startFinder(): Worker {
  return new Worker(new URL('./finder.worker', import.meta.url), { type: 'module' });
}

function startFiles(): Worker {
  return new Worker(new URL('./files.worker', import.meta.url), { type: 'module' });
}
