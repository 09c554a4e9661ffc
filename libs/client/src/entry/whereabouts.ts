import { ConclaveError, type UserId } from '../../../protocol/src/index.ts';
import { MutableCell } from '../cell.ts';
import type { Platform } from '../platform.ts';
import type { Sealer } from '../sealing/sealer.ts';
import type { Store } from '../storage/store.ts';
import type { Me, SessionView } from '../views/session.ts';
import type { AtWork } from './at-work.ts';

export type Opened = { me: Me; store: Store; sealer: Sealer; close: () => void };

/** Where this browser stands: what is open here and whose, or who is locked out, and the screen that says so. */
export class Whereabouts {
  readonly session = new MutableCell<SessionView>({ state: 'starting' });
  opened: Opened | null = null;
  /** Who is locked out here, when the server said who it is. */
  locked: Me | null = null;

  constructor(
    private readonly platform: Platform,
    private readonly work: AtWork,
  ) {}

  /** Whom this browser is for, open or not. */
  get user(): UserId | null {
    return this.present ?? this.platform.remembered.get();
  }
  get present(): UserId | null {
    return this.opened?.me.id ?? this.locked?.id ?? null;
  }

  must(): Opened {
    if (!this.opened) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return this.opened;
  }

  /** One's own name or picture is another now; what is stored follows at the next start. */
  renamed({ id, username, displayName, accountKey, avatar, role }: Me): void {
    const me = { id, username, displayName, accountKey, avatar, role };
    if (this.opened) this.opened.me = me;
    this.session.update((session) => (session.state === 'ready' ? { ...session, user: me } : session));
  }

  /** Work ends, keys go; what is stored stays. */
  close(): void {
    this.work.end();
    this.opened?.close();
    this.opened = null;
  }

  /** While it is open still: a closed store cannot be deleted; a locked one was never open. */
  async destroy(user: UserId | null): Promise<void> {
    if (this.opened) await this.opened.store.destroy();
    else if (user) await this.platform.locks?.destroy(user);
    if (user) await this.platform.files?.destroy(user);
    if (user && this.platform.guest?.get() === user) this.platform.guest.set(null);
  }
}
