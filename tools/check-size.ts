import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/* What a browser loads before the first screen, gzipped: the scripts that index.html names, and what they import at once (P14). */
const most = 200 * 1024;
const pages = join(import.meta.dirname, '../dist/frontend/browser');
const sizes = new Map<string, number>();

function add(name: string): void {
  if (sizes.has(name)) return;
  const code = readFileSync(join(pages, name), 'utf8');
  sizes.set(name, gzipSync(code, { level: 9 }).length);
  for (const [, imported = ''] of code.matchAll(/(?:from|import)\s*"\.\/([\w-]+\.js)"/g)) add(imported);
}

for (const [, name = ''] of readFileSync(join(pages, 'index.html'), 'utf8').matchAll(/(?:src|href)="([\w-]+\.js)"/g)) add(name);
const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
const words = `${(total / 1024).toFixed(1)} KiB of initial JavaScript in ${sizes.size} files; at most ${most / 1024} KiB`;
if (sizes.size === 0 || total > most) {
  console.error(`Too much: ${words}`);
  process.exit(1);
}
console.log(words);
