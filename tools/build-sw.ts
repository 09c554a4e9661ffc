import { build } from 'esbuild';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/*
 * The service worker of a built app: our listeners, then Angular's worker, as one script `sw.js` beside the pages. One piece, since the pages' rules
 * (trusted types) hold in it too and would refuse to import another. Angular's own list of files does not name it: browsers look for a newer one
 * themselves.
 *
 *   node tools/build-sw.ts dist/frontend
 */
const [folder] = process.argv.slice(2);
const pages = folder === undefined ? null : join(folder, 'browser');
if (!pages || !existsSync(join(pages, 'ngsw.json'))) {
  console.error('Name a built app: node tools/build-sw.ts dist/frontend');
  process.exit(1);
}

const root = join(import.meta.dirname, '..');
const angulars = readFileSync(join(root, 'node_modules/@angular/service-worker/ngsw-worker.js'), 'utf8');

await build({
  stdin: {
    contents: `import './frontend/src/sw/listeners.ts';\n${angulars}`,
    resolveDir: root,
    sourcefile: 'sw.js',
  },
  outfile: join(pages, 'sw.js'),
  bundle: true,
  minify: true,
  format: 'iife',
  platform: 'browser',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
});
