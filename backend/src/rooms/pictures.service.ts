import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { avatarBytes, type UserId } from '../../../libs/protocol/src/index.ts';
import { fetchPublic } from '../auth/handoff/fetch-public.ts';
import { CONFIG, type Config } from '../config.ts';
import { Database } from '../database/database.ts';
import { Avatars } from '../users/avatars.service.ts';
import { Users } from '../users/users.service.ts';

const LONGEST_MS = 10_000;
const AT_ONCE = 8;

/** Pictures that a site names for its people: fetched once by this server, never by a browser, made anew, and served from here (ACC10). */
@Injectable()
export class Pictures implements BeforeApplicationShutdown {
  readonly #logger = new Logger('handoff');
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly avatars: Avatars,
    private readonly users: Users,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Beside the sign-in, which waits for no picture; what fails, or is one too many, is tried again at the next. */
  take(user: UserId, img: string | undefined): void {
    const url = img === undefined ? null : onSite(img, this.config.handoff?.site);
    if (!url || this.#running.size >= AT_ONCE || this.#ending.signal.aborted) return;
    const running = this.#take(user, url)
      .catch((error: unknown) => this.#logger.debug(`a picture was not taken: ${error instanceof Error ? error.message : 'no answer'}`))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#ending.abort();
    await this.settled();
  }

  /** When nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #take(user: UserId, url: URL): Promise<void> {
    const known = await this.database.rows(`select 1 from account where id = $1 and claims->>'img' = $2`, [user, url.href]);
    if (known.length > 0) return;
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(LONGEST_MS)]);
    const image = await this.avatars.draw(await fetchPublic(url, avatarBytes, signal));
    await this.database.transaction(async (inside) => {
      const there = await inside.run('update account set claims = claims || $2::jsonb where id = $1', [
        user,
        JSON.stringify({ img: url.href }),
      ]);
      if (there > 0) await this.avatars.put(inside, user, image);
    });
    await this.users.changed(user);
  }
}

/** Absolute on the site's own origin, or relative to it; null for anywhere else. */
function onSite(img: string, site: string | undefined): URL | null {
  const url = site === undefined ? null : URL.parse(img, `${site}/`);
  return url && url.origin === site && url.username === '' && url.password === '' ? url : null;
}
