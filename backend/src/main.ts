import { createServerApp } from './server.ts';
import { ConfigError, readConfig } from './config.ts';

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
  const url = config.publicUrl ?? `http://localhost:${port}`;
  process.stdout.write(`\n  ${config.siteName} is running: ${url}\n`);
  if (setupToken)
    process.stdout.write(`  Nobody is admin yet. Open this link within an hour to set it up:\n\n    ${url}/#setup=${setupToken}\n`);
  process.stdout.write('\n');
}

main().catch((error: unknown) => {
  if (error instanceof ConfigError) process.stderr.write(`Cannot start.\n${error.message}\n`);
  else process.stderr.write(`Cannot start: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
