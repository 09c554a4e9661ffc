import { memoryDisk, MemoryStore } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

storeContract('memory', async () => {
  const disk = memoryDisk();
  return { open: async () => new MemoryStore(disk), join: async (term) => new MemoryStore(disk, term) };
});
