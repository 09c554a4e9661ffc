import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { ApiTokens } from '../users/api-tokens.service.ts';
import { proofOf } from './host-proof.ts';

/** Where a running server is, and what opens its account management: for who may read the server's own files anyway. */
const HostFile = z.object({ address: z.string(), token: z.string() });
export type HostFile = z.infer<typeof HostFile>;

const hostFileOf = (dataDir: string): string => join(dataDir, 'host.json');

/**
 * The door of the host's command-line tool (ACC15). The token is made at each start and known to this process alone; a file left by a killed server opens nothing. Who listens where it
 * listened proves to the tool that it knows the token: else the next program on that port would be told passwords.
 */
@Injectable()
export class HostDoor implements OnApplicationShutdown {
  #token: string | null = null;

  constructor(
    private readonly tokens: ApiTokens,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** For this process alone. */
  make(address: string): HostFile {
    this.#token = this.tokens.makeHostToken();
    return { address, token: this.#token };
  }

  /** Throws `not-found` where no token was made. */
  prove(nonce: string): string {
    if (this.#token === null) throw new ConclaveError('not-found', 'this server has left no token for its host');
    return proofOf(this.#token, nonce);
  }

  /** Leaves the key in DATA_DIR. Nobody but this system user may read the file, from its first byte on. */
  open(address: string): void {
    const here = this.make(address);
    const file = hostFileOf(this.config.dataDir);
    rmSync(`${file}.new`, { force: true });
    writeFileSync(`${file}.new`, JSON.stringify(here), { mode: 0o600, flag: 'wx' });
    renameSync(`${file}.new`, file);
  }

  /** Only its own: another server may have begun since. */
  onApplicationShutdown(): void {
    if (this.#token !== null && readHostFile(this.config.dataDir)?.token === this.#token)
      rmSync(hostFileOf(this.config.dataDir), { force: true });
  }
}

/** Null where there is none, or one that is damaged. */
export function readHostFile(dataDir: string): HostFile | null {
  try {
    return HostFile.parse(JSON.parse(readFileSync(hostFileOf(dataDir), 'utf8')));
  } catch {
    return null;
  }
}
