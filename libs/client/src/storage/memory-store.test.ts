import { memoryDisk, openMemoryStore } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('memory', async () => {
  const disk = memoryDisk();
  return { open: async () => openMemoryStore(disk), join: async (term) => openMemoryStore(disk, term) };
});
