import { createServerApp } from './server.ts';
import { ConfigError, readConfig } from './config.ts';
import { HostDoor } from './management/host-door.service.ts';

const nodeIsNewEnough = (): boolean => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major >= 26 || (major === 24 && minor >= 15) || (major === 22 && minor >= 22);
};

async function main(): Promise<void> {
  if (!nodeIsNewEnough()) {
    throw new ConfigError(
      `Node ${process.versions.node} is too old: start with \`npm start\`, which brings its own, or install Node 24 or newer`,
    );
  }
  const { app, config, setupToken } = await createServerApp(readConfig(process.env));
  await app.listen(config.port, config.host);
  const { port } = app.getHttpServer().address() as { port: number };
  app.get(HostDoor).open(addressHere(config.host, port));
  const url = config.publicUrl ?? `http://localhost:${port}`;
  process.stdout.write(`\n  ${config.siteName} is running: ${url}\n`);
  if (setupToken)
    process.stdout.write(`  Nobody is admin yet. Open this link within an hour to set it up:\n\n    ${url}/#setup=${setupToken}\n`);
  process.stdout.write('\n');
}

/** As this machine itself reaches the server. */
function addressHere(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) process.stderr.write(`Cannot start.\n${error.message}\n`);
  else process.stderr.write(`Cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
