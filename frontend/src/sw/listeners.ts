/*
 * What the service worker does for itself: it tells of messages that come while the app is closed, opens the app where somebody clicks, and takes what
 * other apps share. The rest is Angular's (ngsw-worker.js), which tools/build-sw.ts puts behind this, so that these listeners hear first.
 */
import '../app/jitless.ts';
import { noticeOfPush } from '../../../libs/client/src/notify/closed-app.ts';
import { generalNotice, type RoomNotice } from '../../../libs/client/src/notify/wording.ts';
import { snapshotOf } from '../../../libs/client/src/storage/snapshot.ts';
import { PushPayload } from '../../../libs/protocol/src/push.ts';
import { sweepShelf } from '../app/shelf.ts';
import { spokenHere } from '../app/ui/spoken.ts';
import { isShare, receive } from './share-target.ts';

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

let swept = false;
worker.addEventListener('fetch', (event) => {
  if (isShare(event.request, worker.location.origin)) {
    event.stopImmediatePropagation(); // Angular's would send it to the server
    event.respondWith(receive(event.request));
  } else if (event.request.mode === 'navigate' && !swept) {
    swept = true; // once in a worker's life: it ends when the app has been closed for a while
    event.waitUntil(sweepShelf().catch(() => undefined));
  }
});
worker.addEventListener('push', (event) => {
  event.stopImmediatePropagation();
  event.waitUntil(hear(event.data?.text() ?? ''));
});
worker.addEventListener('notificationclick', (event) => {
  event.stopImmediatePropagation();
  event.notification.close();
  event.waitUntil(open(event.notification.data as Partial<RoomNotice> | null));
});

async function hear(text: string): Promise<void> {
  const payload = read(text);
  const windows = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (!payload || windows.some(({ visibilityState }) => visibilityState === 'visible')) return; // who looks at the app sees it there
  const notice = await noticeFor(payload);
  if (notice) await show(notice);
}

async function noticeFor(payload: PushPayload): Promise<RoomNotice | null> {
  const language = await spokenHere().catch(() => 'en' as const);
  const general = generalNotice(payload.room, null, language);
  try {
    const snapshot = await snapshotOf(payload.user);
    if (!snapshot) return general; // locked: nothing of it can be read here, not even the room's name
    try {
      return await noticeOfPush(snapshot, payload, language);
    } finally {
      snapshot.close();
    }
  } catch {
    return general;
  }
}

async function show({ title, body, room, mid }: RoomNotice): Promise<void> {
  const options = { body, tag: room, renotify: true, icon: '/icons/icon-192.png', data: { room, mid } };
  await worker.registration.showNotification(title, options);
}

/** A tab that is there goes to the message; else one is opened at it. */
async function open(data: Partial<RoomNotice> | null): Promise<void> {
  if (typeof data?.room !== 'string') return;
  const [tab] = await worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (tab) {
    await tab.focus();
    return tab.postMessage({ type: 'conclave-open', room: data.room, mid: data.mid ?? null });
  }
  await worker.clients.openWindow(`/rooms/${data.room}${data.mid ? `?at=${data.mid}` : ''}`);
}

function read(text: string): PushPayload | null {
  try {
    return PushPayload.parse(JSON.parse(text));
  } catch {
    return null; // nothing this server sends
  }
}
