import { ConclaveError, DeviceList, type UserId } from '../../../protocol/src/index.ts';
import { refusedInWords, type LocalLock, type Proof } from '../account/local-lock.ts';
import type { Platform } from '../platform.ts';
import type { RestClient } from '../server/rest-client.ts';
import { StoreError } from '../storage/store.ts';
import type { Me } from '../views/session.ts';
import type { AtWork } from './at-work.ts';
import type { Departure } from './departure.ts';
import type { KnownSite } from './known-site.ts';
import type { OwnDevice } from './own-device.ts';
import type { Opened, Whereabouts } from './whereabouts.ts';

const unreachableRetryMs = 3_000;

type EntryParts = {
  platform: Platform;
  rest: RestClient;
  here: Whereabouts;
  site: KnownSite;
  localLock: LocalLock;
  own: OwnDevice;
  work: AtWork;
  departure: Departure;
};

/** From an empty browser to a device at work: who is signed in, which device this is, which tab owns it. */
export class Entry {
  #waiting: Me | null = null;

  constructor(private readonly parts: EntryParts) {
    parts.platform.ownership.onLost(() => this.elsewhere());
  }

  async start(): Promise<void> {
    const { platform, rest, here, site, departure } = this.parts;
    const missing = platform.missing();
    if (missing.length) return here.session.set({ state: 'unsupported', missing });
    if (platform.apart.get()) return this.#startOffline();
    try {
      site.view.set(await site.ask());
      if (site.view.value!.setupNeeded) return here.session.set({ state: 'setup-needed' });
      if (platform.signingOut?.get()) await departure.tellServer();
      await this.enter((await rest.renew()).user);
    } catch (error) {
      if (!(error instanceof ConclaveError)) throw error;
      if (error.code === 'unauthenticated' || error.code === 'session-ended')
        return here.session.set({ state: 'signed-out', reason: 'fresh' });
      await this.#startOffline();
    }
  }

  /** The server cannot be reached: what is stored still opens (ACC16, APP1). */
  async #startOffline(): Promise<void> {
    const { platform, here } = this.parts;
    const user = platform.remembered.get();
    if (user && (await platform.ownership.take(false))) {
      const opened = await this.#unlocked(user, null);
      if (!opened) return;
      const me = await opened.store.get<Me>('meta', 'me');
      if (me && (await opened.sealer.identity())) {
        here.opened = { ...opened, me };
        return this.go();
      }
      opened.close();
      platform.ownership.release();
    }
    here.session.set({ state: 'unreachable' });
    setTimeout(() => here.session.value.state === 'unreachable' && void this.start(), unreachableRetryMs);
  }

  /** Somebody has come through a door, or is in still. */
  async enter(me: Me, guest = false): Promise<void> {
    const { platform, rest, here, site, work } = this.parts;
    rest.person = me.id;
    platform.signingOut?.set(false);
    if (guest) platform.guest?.set(me.id);
    site.isSetUp();
    if (work.live && here.opened?.me.id === me.id) return;
    here.close(); // a site may hand over another person than the one who was here
    if (!(await platform.ownership.take(false))) {
      this.#waiting = me;
      return here.session.set({ state: 'elsewhere' });
    }
    platform.remembered.set(me.id);
    await this.#open(me);
  }

  async takeOver(): Promise<void> {
    const { ownership, remembered } = this.parts.platform;
    const me = this.#waiting;
    if (!(await ownership.take(true))) return;
    this.#waiting = null;
    if (!me) return this.start();
    remembered.set(me.id);
    await this.#open(me);
  }

  /** Another tab is the owner now. */
  elsewhere(): void {
    const { here } = this.parts;
    this.#waiting = here.opened?.me ?? here.locked ?? this.#waiting;
    here.locked = null;
    here.close();
    here.session.set({ state: 'elsewhere' });
  }

  async lock(): Promise<void> {
    const { here, localLock } = this.parts;
    const me = here.opened?.me;
    const { passphrase, passkey } = await localLock.look();
    if (!me || !(passphrase || passkey)) return;
    here.close();
    here.locked = me;
    here.session.set({ state: 'locked', name: me.displayName, passphrase, passkey });
  }

  async unlock(proof: Proof): Promise<void> {
    const { platform, here, localLock } = this.parts;
    if (here.session.value.state !== 'locked') return;
    const unlock = await localLock.unlocking(proof);
    const user = here.locked?.id ?? platform.remembered.get()!;
    const opened = await refusedInWords(() => platform.open(user, unlock));
    const me = here.locked ?? (await opened.store.get<Me>('meta', 'me'));
    try {
      if (!me) throw new ConclaveError('not-ready', 'This browser has never reached the server.');
      await this.#resume(me, opened);
      here.locked = null;
    } catch (error) {
      // Half opened behind the lock screen is not locked: keys and worker go.
      here.close();
      opened.close();
      throw error;
    }
  }

  async #open(me: Me): Promise<void> {
    const opened = await this.#unlocked(me.id, me);
    if (opened) await this.#resume(me, opened);
  }

  /** What is stored, or null when it has to be unlocked first: then the session says so. */
  async #unlocked(user: UserId, me: Me | null): Promise<Omit<Opened, 'me'> | null> {
    const { platform, here, localLock } = this.parts;
    try {
      return await platform.open(user);
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'locked') throw error;
      const { passphrase, passkey } = await localLock.look();
      if (!passphrase && !passkey) throw error; // the browser's own key is damaged: no word opens it
      here.locked = me;
      here.session.set({ state: 'locked', name: me?.displayName ?? null, passphrase, passkey });
      return null;
    }
  }

  async #resume(me: Me, opened: Omit<Opened, 'me'>): Promise<void> {
    const { platform, rest, here, own } = this.parts;
    here.opened = { ...opened, me };
    await opened.store.write([{ table: 'meta', key: 'me', value: me }]);
    const identity = await opened.sealer.identity();
    // Who left the server for a private conversation stays away from it, also behind a lock (MESH6).
    if (identity && (platform.apart.get() || (await own.stillValid(identity)))) return this.go();
    const { accountKey, devices } = await rest.as('GET', '/api/me/devices', DeviceList);
    if (accountKey !== null) return here.session.set({ state: 'needs-device', user: me, devices });
    await own.register(await opened.sealer.enroll(me.id));
    await this.go();
  }

  /** What is open here has a device key of the account: to work. */
  async go(): Promise<void> {
    const { rest, here, site, localLock, work } = this.parts;
    const opened = here.must();
    const { me, store, sealer } = opened;
    rest.person = me.id;
    const identity = await sealer.identity();
    if (!identity) throw new ConclaveError('internal', 'This browser has no device key.');
    const known = await site.kept(store);
    localLock.limit(known.lockAfterMs ?? null);
    if (await work.begin({ store, sealer, identity, site: known }, () => here.opened === opened))
      here.session.set({ state: 'ready', user: me, device: identity.device });
  }
}
