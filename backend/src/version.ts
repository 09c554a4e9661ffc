import { readFileSync } from 'node:fs';

const find = (from: URL): string => {
  for (let dir = new URL('.', from); ; dir = new URL('..', dir)) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL('package.json', dir), 'utf8')) as { name?: string; version?: string };
      if (name === 'conclave') return version!;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (dir.pathname === '/') return 'unknown';
  }
};

/** As package.json has it; the built program stands deeper in the same tree. */
export const version = find(new URL(import.meta.url));
