// Started by `npm start`: builds what is missing or older than its sources, then runs the server in the foreground.
import { spawn } from 'node:child_process';
import { buildClient, buildServer, nodeWith, root } from './built.mjs';

buildServer();
buildClient();
const server = spawn(process.execPath, nodeWith('dist/backend/src/main.js'), { cwd: root, stdio: 'inherit' });
// The terminal's own Ctrl-C reaches the whole group; a signal to this process alone is passed on.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => server.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal));
server.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGKILL' ? 137 : 0)));
