import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';

/** A bug planted on purpose: the text must be there, exactly once. */
export type Patch = { file: string; find: string; replace: string };

const parts = ['libs', 'backend', 'e2e', 'tools', 'package.json', 'tsconfig.json', 'tsconfig.base.json'];
const built = ['dist/backend', 'dist/libs', 'dist/backend.tsbuildinfo'];

/** Copies the sources to a folder of their own and builds the server there: what happens to the checkout meanwhile does not matter. */
export function copyTree(from: string, to: string): void {
  mkdirSync(join(to, 'dist'), { recursive: true });
  for (const part of [...parts, ...built])
    if (existsSync(join(from, part)))
      cpSync(join(from, part), join(to, part), { recursive: true, filter: (path) => basename(path) !== 'node_modules' });
  symlinkSync(join(from, 'node_modules'), join(to, 'node_modules'));
  if (existsSync(join(from, 'dist/stories'))) cpSync(join(from, 'dist/stories'), join(to, 'dist/stories'), { recursive: true });
}

export function buildServer(root: string): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout, error } = spawnSync(process.execPath, [compiler, '-p', 'backend'], {
    cwd: root,
    encoding: 'utf8',
    timeout: 180_000,
  });
  if (status !== 0) throw new Error(`the server does not build: ${error?.message ?? stdout}`);
}

/** Plants bugs in a copied tree, in the built server as well. Throws when a text is not there any more. */
export function plant(root: string, patches: readonly Patch[]): void {
  for (const { file, find, replace } of patches) {
    const path = join(root, file);
    const text = readFileSync(path, 'utf8');
    const found = text.split(find).length - 1;
    if (found !== 1) throw new Error(`the bug cannot be planted: ${file} holds ${found} times\n${find}`);
    writeFileSync(
      path,
      text.replace(find, () => replace),
    );
    if (file.startsWith('backend/') || file.startsWith('libs/')) compile(root, file);
  }
}

/** One file of the built server, as `tsc -p backend` would write it. */
function compile(root: string, file: string): void {
  const target = join(root, 'dist', file.replace(/\.ts$/, '.js'));
  if (!existsSync(target)) return; // not part of the server
  const { outputText } = ts.transpileModule(readFileSync(join(root, file), 'utf8'), {
    fileName: file,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  writeFileSync(target, outputText);
}
