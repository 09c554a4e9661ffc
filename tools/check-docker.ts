import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { DCLinter } from 'dclint';
import { validate } from 'dockerfile-utils';

/* Lints what is under docker/. Any finding fails. This reads the files; it builds nothing. */
const COMPOSE = 'docker/compose.yml';
const DOCKERFILE = 'docker/Dockerfile';

type Compose = { filePath: string; messages: { line: number; column: number; rule: string; message: string }[] };

// Its declarations import each other without endings, which nobody resolves: said here what it gives.
const compose: Compose[] = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] }).lintFiles([COMPOSE], false);
const composeFindings = compose.flatMap(({ filePath, messages }) =>
  messages.map(({ line, column, rule, message }) => `${filePath}:${line}:${column}  ${rule}: ${message}`),
);
const dockerfileFindings = validate(readFileSync(DOCKERFILE, 'utf8')).map(
  ({ range, message }) =>
    `${DOCKERFILE}:${range.start.line + 1}:${range.start.character + 1}  ${typeof message === 'string' ? message : message.value}`,
);
/** A linter that read nothing has nothing to say: that is no success. */
const unread = compose.length === 1 ? [] : [`${COMPOSE}: not read`];

const findings = [...unread, ...composeFindings, ...dockerfileFindings];
for (const finding of findings) console.error(finding);
console.log(`${COMPOSE}, ${DOCKERFILE}: ${findings.length} findings`);

const engine = spawnSync('docker', ['info', '--format', '{{.ServerVersion}}'], { encoding: 'utf8', timeout: 10_000 });
console.log(
  engine.status === 0
    ? 'The files were read, not built: `docker compose -f docker/compose.yml build` does that.'
    : 'No Docker engine runs here: the files were read, the image was NOT built.',
);
process.exitCode = findings.length > 0 ? 1 : 0;
