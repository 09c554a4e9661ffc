import { timing } from '../../../protocol/src/index.ts';
import { backoff } from '../backoff.ts';
import type { FileLane } from './file-lane.ts';
import { RtcLink, type Identity, type Other } from './rtc-link.ts';
import type { Signal } from './signal-message.ts';

/** How far a direct link to one device is. */
export type PeerState = 'idle' | 'connecting' | 'open' | 'suspect' | 'waiting';

export type PeerOptions = {
  rtc: typeof RTCPeerConnection;
  /** Null: no connection may be made to this device (MESH10). */
  configuration: () => RTCConfiguration | null;
  own: Identity;
  peer: Other;
  signal: (message: Signal) => void;
  message: (bytes: Uint8Array) => void;
  file: (bytes: Uint8Array) => void;
  changed: () => void;
  /** False while the device is nowhere to be seen: a link that is lost then is not tried again. */
  wanted: () => boolean;
  now: () => number;
};

const retry = { baseMs: 2_000, capMs: 60_000, floorMs: 500 };
/** ICE says `failed` after 15 s at the latest; a connection that says nothing for this long is given up. */
const connectTimeoutMs = 20_000;
/** Keep-alives in a row that could not be sent: the peer is gone (MESH3). */
const refusalsMax = 2;
/** Nobody looked for so long: the page was frozen, and the other's silence is one's own deafness. It gets a moment to answer. */
const frozenMs = 30_000;
/** The one that waits for the other's offer begins itself when none came. */
const passiveWaitMs = 4_000;

/**
 * The direct link to one device over its lives: connect, suspect after 4 s of silence, gone after 60 s, restart ICE once, then a new
 * connection, with back-off between. The lower device id begins; whoever was reloaded begins anew with another session.
 */
export class Peer {
  #link: RtcLink | null = null;
  #state: PeerState = 'idle';
  #attempt = 0;
  #restarted = false;
  /** The link was begun by hand, and waits for people. */
  #patient = false;
  #policy = 'all';
  #lastHeard = 0;
  #lastPing = 0;
  #lastTick = 0;
  #refused = 0;
  #deadline = 0;
  turn = false;

  constructor(private readonly options: PeerOptions) {}

  get state(): PeerState {
    return this.#state;
  }
  /** The channel is open, though it may be silent. */
  get linked(): boolean {
    return this.#state === 'open' || this.#state === 'suspect';
  }
  /** For files; null without an open link. */
  get files(): FileLane | null {
    return (this.#link?.open && this.#link.files) || null;
  }
  /** True until the first try has failed: worth saying "connecting" to a person. */
  get hopeful(): boolean {
    return this.#attempt === 0;
  }
  get connectionState(): RTCPeerConnectionState | 'none' {
    return this.#link?.connectionState ?? 'none';
  }

  /** The device is there and a link is wanted; `fresh`: it has only just come, and knows nothing of what was tried before. */
  begin(fresh: boolean): void {
    const unanswered = this.#state === 'connecting' && this.#link?.remoteSession === null;
    if (this.#state !== 'idle' && !(fresh && (this.#state === 'waiting' || unanswered || this.#patient))) return;
    this.#attempt = 0;
    this.#policy = policyOf(this.options.configuration());
    if (this.#policy === 'none') return this.#state === 'idle' ? undefined : this.close();
    const initiator = this.options.own.device < this.options.peer.device;
    if (initiator) return this.#connect(true);
    this.#drop();
    this.#deadline = this.options.now() + passiveWaitMs;
    this.#set('connecting');
  }

  /** A link that was begun by hand: somebody carries its answer, and may take so long. */
  adopt(link: RtcLink, patienceMs: number): void {
    this.#take(link, patienceMs);
    this.#policy = policyOf(this.options.configuration());
    this.#patient = true;
  }

  /** The signaler can pass again, or the network changed: do not sit out a back-off. */
  resume(): void {
    if (this.#state === 'waiting') {
      this.#attempt = 0;
      this.#connect(true);
    } else if (this.#state !== 'connecting') this.#restart();
  }

  /** Signals pass again: what was said of an open link meanwhile may be lost. */
  repeat(): void {
    this.#link?.repeat();
  }

  /** The privacy switch may have been turned: a link made under another policy ends at once, and another is made as it may be now. */
  refresh(): void {
    if (policyOf(this.options.configuration()) === this.#policy) return;
    if (this.#state !== 'idle') this.reconnect();
    else if (this.options.wanted()) this.begin(true);
  }

  reconnect(): void {
    if (this.#state === 'idle') return;
    this.#attempt = 0;
    this.#connect(true);
  }

  handle(message: Signal): void {
    if (message.to !== null && message.to !== this.#link?.session) return; // meant for a connection that is gone
    const known = this.#link?.remoteSession;
    if (!this.#link || (known !== null && known !== message.from)) {
      if (!message.description) return; // candidates of a session whose offer never came
      this.#connect(false);
    }
    this.#link?.handle(message);
  }

  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    return this.#link?.send(bytes) ?? false;
  }

  /** Presence says the device is gone from the server: believe the channel only if it answers at once. */
  doubt(): void {
    if (this.#state === 'open') this.#set('suspect');
    this.#link?.ping();
  }

  /** Every 2 s while the page is visible: pings, and what silence means. A hidden page is throttled and only keeps alive. */
  tick(visible: boolean): void {
    const now = this.options.now();
    if (this.#state === 'connecting' && now > this.#deadline) return this.#link ? this.#lost() : this.#connect(true);
    if (this.#state === 'waiting' && now > this.#deadline) return this.options.wanted() ? this.#connect(true) : this.close();
    if (this.#state !== 'open' && this.#state !== 'suspect') return;
    if (now - this.#lastTick > frozenMs) this.#lastHeard = Math.max(this.#lastHeard, now - timing.peerGoneMs + timing.peerSuspectMs);
    this.#lastTick = now;
    const silent = now - this.#lastHeard;
    if (silent > timing.peerGoneMs) return this.#lost();
    if (visible && this.#state === 'open' && silent > timing.peerSuspectMs && this.#lastPing > this.#lastHeard) this.#set('suspect');
    // Looked at every 2 s only: a keep-alive that would be late by then leaves now.
    if (now - this.#lastPing < (visible ? timing.peerPingMs : timing.peerKeepAliveMs - timing.peerPingMs / 2) - 100) return;
    this.#lastPing = now;
    this.#refused = this.#link!.ping() ? 0 : this.#refused + 1;
    if (this.#refused >= refusalsMax) this.#lost();
  }

  close(): void {
    this.#drop();
    this.#set('idle');
  }

  #connect(initiator: boolean): void {
    const { rtc, own, peer, signal } = this.options;
    const configuration = this.options.configuration();
    this.#policy = policyOf(configuration);
    if (!configuration) return this.close();
    this.#take(new RtcLink({ rtc, configuration, own, peer, initiator, signal }), connectTimeoutMs);
  }

  #take(link: RtcLink, timeoutMs: number): void {
    this.#drop();
    this.#link = link;
    this.#restarted = false;
    this.#deadline = this.options.now() + timeoutMs;
    this.turn = false;
    link.on('open', () => void this.#opened(link));
    link.on('heard', () => this.#heard());
    link.on('message', (bytes) => this.options.message(bytes));
    link.on('file', (bytes) => this.options.file(bytes));
    link.on('failed', () => link === this.#link && this.#failed(link));
    link.on('closed', () => link === this.#link && this.#lost());
    this.#set('connecting');
  }

  async #opened(link: RtcLink): Promise<void> {
    if (link !== this.#link) return;
    this.#attempt = 0;
    this.#restarted = this.#patient = false;
    this.#lastHeard = this.#lastPing = this.#lastTick = this.options.now();
    this.#refused = 0;
    const turn = await link.overTurn();
    if (link !== this.#link) return; // lost while the browser was asked
    this.turn = turn;
    this.#set('open');
  }

  #heard(): void {
    this.#lastHeard = this.options.now();
    if (this.#state === 'suspect') this.#set('open');
  }

  /** First a new way for the same connection, then a new connection (mesh.md: failed twice). */
  #failed(link: RtcLink): void {
    if (this.#patient) return; // no way yet; the other may not even have the answer
    if (this.#restarted || !link.open) return this.#lost();
    this.#restarted = true;
    this.#set('suspect');
    this.#restart();
  }

  #restart(): void {
    const configuration = this.options.configuration();
    if (configuration) this.#link?.restart(configuration);
  }

  #drop(): void {
    const link = this.#link;
    this.#link = null;
    this.#patient = false;
    link?.close();
  }

  #lost(): void {
    this.#drop();
    this.#deadline = this.options.now() + backoff(this.#attempt++, retry);
    this.#set(this.options.wanted() ? 'waiting' : 'idle');
  }

  #set(state: PeerState): void {
    this.#state = state;
    this.options.changed();
  }
}

function policyOf(configuration: RTCConfiguration | null): string {
  return configuration ? (configuration.iceTransportPolicy ?? 'all') : 'none';
}
