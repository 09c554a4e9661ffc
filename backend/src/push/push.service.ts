import { Inject, Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { createHmac } from 'node:crypto';
import webPush from 'web-push';
import { limits, toBase64url, type DeviceId, type PushPayload, type RoomId } from '../../../libs/protocol/src/index.ts';
import { CONFIG, type Config } from '../config.ts';
import { carriesWords } from '../groups/sealed-at.ts';
import { Presence } from '../presence/presence.service.ts';
import { Hold } from '../relay/hold.service.ts';
import type { Accepted } from '../relay/submission.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { post } from './endpoints.ts';
import { PushKeys } from './push-keys.service.ts';
import { Subscriptions, type Subscription } from './subscriptions.service.ts';

type Word = { room: RoomId; eid: string; ciphertext: Uint8Array };
/** What one device is told of one room: at most one word waits, the newest; `timer` while it does, or until the next may go. */
type Lane = { device: DeviceId; waiting: Word | null; timer: NodeJS.Timeout | null };

/** A tab that is being loaded anew is away for so long. */
const GRACE_MS = 1_000;
const TRIES = 3;
const RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
const DAYS_S = 3 * 86_400;
/** Lanes at once; above it nothing more is begun: who comes back finds everything with the relay anyway. */
const MANY = 10_000;

/**
 * Tells devices without a live socket that something waits for them (PRES4). The push service and this server learn nothing of what: the payload
 * is sealed to the device, and in it the envelope is sealed to the room. Receipts and the like wake nobody.
 */
@Injectable()
export class Push implements BeforeApplicationShutdown {
  readonly #lanes = new Map<string, Lane>();
  readonly #logger = new Logger(Push.name);
  #stopped = false;

  // One more than five: who is away, where they are told, and with which keys.
  constructor(
    private readonly presence: Presence,
    private readonly subscriptions: Subscriptions,
    private readonly keys: PushKeys,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(SECRETS) private readonly secrets: Secrets,
    hold: Hold,
  ) {
    hold.onStored((accepted) => this.#offer(accepted));
  }

  beforeApplicationShutdown(): void {
    this.#stopped = true;
    for (const { timer } of this.#lanes.values()) if (timer) clearTimeout(timer);
  }

  #offer({ place, eid, ciphertext, recipients }: Accepted): void {
    const absent = recipients.filter((device) => this.subscriptions.has(device) && !this.presence.isConnected(device));
    if (absent.length === 0 || !this.keys.vapid || this.#stopped || !carriesWords(ciphertext)) return;
    const word = { room: place.room, eid: toBase64url(eid), ciphertext };
    for (const device of absent) this.#wait(device, word);
  }

  #wait(device: DeviceId, word: Word): void {
    const key = `${device} ${word.room}`;
    const lane = this.#lanes.get(key) ?? { device, waiting: null, timer: null };
    lane.waiting = word;
    if (lane.timer || this.#lanes.size >= MANY) return;
    this.#lanes.set(key, lane);
    this.#schedule(key, lane, GRACE_MS);
  }

  #schedule(key: string, lane: Lane, ms: number): void {
    lane.timer = setTimeout(() => {
      this.#go(key, lane).catch((error: unknown) => this.#logger.error(error));
    }, ms);
    lane.timer.unref();
  }

  /** One word, then silence for a while; what came meanwhile follows as one. */
  async #go(key: string, lane: Lane): Promise<void> {
    const word = lane.waiting;
    lane.waiting = null;
    if (!word || this.#stopped) return void this.#lanes.delete(key);
    try {
      if (!this.presence.isConnected(lane.device)) await this.#tell(lane.device, word);
    } finally {
      this.#schedule(key, lane, this.config.push.everyMs);
    }
  }

  async #tell(device: DeviceId, word: Word): Promise<void> {
    const subscription = await this.subscriptions.of(device, word.room);
    if (!subscription) return;
    for (let n = 0, sealed = true; n < TRIES && !this.#stopped; n++) {
      const { status, retryAfterS } = await this.#send(device, subscription, word, sealed);
      if (status === 404 || status === 410) return this.subscriptions.drop(device);
      if (status === 413) sealed = false;
      else if (status !== 429 && status < 500 && status !== 0) return;
      const wait = retryAfterS === null ? RETRY_MS * 2 ** n : retryAfterS * 1_000;
      await new Promise((resolve) => setTimeout(resolve, Math.min(wait, LONGEST_RETRY_MS)).unref());
      if (this.presence.isConnected(device)) return;
    }
  }

  /** `status` 0: there was no answer. */
  async #send(
    device: DeviceId,
    subscription: Subscription,
    word: Word,
    sealed: boolean,
  ): Promise<{ status: number; retryAfterS: number | null }> {
    const { endpoint, p256dh, auth, user } = subscription;
    // Two rooms of a device, or one room of two devices, are not to be told apart by the service.
    const topic = createHmac('sha256', this.secrets.mac).update(`push ${device} ${word.room}`).digest('base64url').slice(0, 32);
    try {
      const details = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payloadOf(user, word, sealed), {
        vapidDetails: this.keys.vapid!,
        TTL: DAYS_S,
        urgency: 'high',
        topic,
        contentEncoding: 'aes128gcm',
      });
      return await post(endpoint, details.headers, details.body, this.config.push.allowLoopback);
    } catch (error) {
      // The address says who somebody is with: it stays out of the log.
      this.#logger.debug(`a push was not delivered: ${error instanceof Error ? error.name : 'unknown'}`);
      return { status: 0, retryAfterS: null };
    }
  }
}

function payloadOf(user: string, { room, eid, ciphertext }: Word, sealed: boolean): string {
  const bare: PushPayload = { v: 1, user, room, eid };
  if (!sealed) return JSON.stringify(bare);
  const whole = JSON.stringify({ ...bare, sealed: toBase64url(ciphertext) } satisfies PushPayload);
  return whole.length <= limits.pushPayload ? whole : JSON.stringify(bare);
}
