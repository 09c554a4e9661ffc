import { inject, Injectable, signal } from '@angular/core';
import type { RoomNotice } from '../../../../libs/client/src/notify/wording.ts';
import { fromBase64url, toBase64url } from '../../../../libs/protocol/src/ids.ts';
import { CONCLAVE } from '../conclave.ts';

/** `unsupported`: the browser shows no notices; on iPhones and iPads only an installed app does. */
export type Permission = NotificationPermission | 'unsupported';
/** Whether they come with the app closed, too. */
export type PushState = 'unknown' | 'on' | 'off-here' | 'no-service';

/** Notices of the system (PRES4): whether they are allowed, how they are shown, and where the push service sends what comes while the app is closed. */
@Injectable({ providedIn: 'root' })
export class DesktopNotices {
  readonly #client = inject(CONCLAVE);
  readonly permission = signal<Permission>('Notification' in globalThis ? Notification.permission : 'unsupported');
  readonly push = signal<PushState>('unknown');

  /** Asks the person; to be called from a click. True when they may be shown. */
  async allow(): Promise<boolean> {
    if (this.permission() === 'unsupported') return false;
    this.permission.set(await Notification.requestPermission());
    return this.permission() === 'granted';
  }

  async enable(): Promise<boolean> {
    if (!(await this.allow())) return false;
    await this.#client.notices.change({ desktop: true });
    await this.renew();
    return true;
  }

  async disable(): Promise<void> {
    await this.#client.notices.change({ desktop: false });
    const subscription = await (await registration())?.pushManager?.getSubscription();
    await subscription?.unsubscribe();
    this.push.set('unknown');
    await this.#client.notices.unsubscribe();
  }

  /** Tells the server where this browser's push service takes things: a sign-in before has ended, or the browser has moved. */
  async renew(): Promise<void> {
    if (this.permission() !== 'granted' || !this.#client.notices.view.value.desktop) return;
    const key = await this.#client.notices.pushKey();
    if (key === null) return this.push.set('off-here');
    const subscription = await subscribed(key);
    if (!subscription) return this.push.set('no-service');
    await this.#client.notices.subscribe(subscription);
    this.push.set('on');
  }

  async show({ title, body, room, mid }: RoomNotice): Promise<void> {
    if (this.permission() !== 'granted') return;
    // Also known to the worker: it takes the click, whether or not this tab still lives.
    await (await registration())?.showNotification(title, { body, tag: room, icon: '/icons/icon-192.png', data: { room, mid } });
  }

  /** What is looked at needs no notice any more. */
  async clear(): Promise<void> {
    for (const notice of (await (await registration())?.getNotifications()) ?? []) notice.close();
  }
}

async function registration(): Promise<ServiceWorkerRegistration | undefined> {
  return navigator.serviceWorker?.getRegistration();
}

/** Null where the browser has no push service, or it cannot be reached. */
async function subscribed(key: string) {
  const manager = (await registration())?.pushManager;
  if (!manager) return null;
  try {
    const there = await manager.getSubscription();
    const known = there?.options.applicationServerKey;
    if (there && known && toBase64url(new Uint8Array(known)) !== key) await there.unsubscribe(); // another server's, or another key's
    const { endpoint, keys } = (await manager.subscribe({ userVisibleOnly: true, applicationServerKey: fromBase64url(key) })).toJSON();
    const { p256dh, auth } = keys ?? {};
    return endpoint && p256dh && auth ? { endpoint, keys: { p256dh, auth } } : null;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
}
