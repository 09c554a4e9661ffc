import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { brokenRule, findCycles, resolveImport, type Edge } from './import-rules.ts';

/* Reads every source file of the tree and holds its imports against import-rules.ts; cycles are forbidden. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], { encoding: 'utf8' })
  .split('\n')
  .filter((file) => /^(libs|backend|frontend|cli)\//.test(file) && existsSync(file));

const edges: Edge[] = files.flatMap((file) => {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
  return importedFiles.map(({ fileName }) => ({ from: file, to: resolveImport(file, fileName) }));
});
const broken = edges.flatMap((edge) => {
  const rule = brokenRule(edge);
  return rule ? [`${edge.from}\n    imports ${edge.to}\n    ${rule}`] : [];
});
const cycles = findCycles(edges).map((cycle) => `cycle: ${[...cycle, cycle[0]].join(' → ')}`);

for (const complaint of [...broken, ...cycles]) console.error(complaint);
console.log(`${files.length} files, ${edges.length} imports, ${broken.length} broken rules, ${cycles.length} cycles`);
process.exitCode = broken.length + cycles.length > 0 || files.length === 0 ? 1 : 0;
