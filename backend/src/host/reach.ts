import { readConfig, type Config } from '../config.ts';
import { HostClient } from '../management/host-client.ts';
import { HostDoor, readHostFile } from '../management/host-door.service.ts';
import { createServerApp } from '../server.ts';

type Reached = { client: HostClient; leave: () => Promise<void> };

/**
 * Through the running server where one answers to the token it has left in DATA_DIR; a file that a killed server left behind answers to nothing. Else
 * directly: the same program, for the moment of one command, on the database under its lock, reachable from this machine alone.
 */
export async function reachAccounts(environment: Record<string, string | undefined>): Promise<Reached> {
  const config = readConfig(environment);
  const host = readHostFile(config.dataDir);
  const running = host ? new HostClient(host) : null;
  if (running && (await running.isThere())) return { client: running, leave: () => Promise.resolve() };
  return reachDirectly(config);
}

async function reachDirectly(config: Config): Promise<Reached> {
  const { app } = await createServerApp({ ...config, host: '127.0.0.1', port: 0, stun: false, logLevel: 'silent' });
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as { port: number };
  const client = new HostClient(app.get(HostDoor).make(`http://127.0.0.1:${port}`));
  return { client, leave: () => app.close() };
}
