import * as z from 'zod';
import { base64url, fromBase64url, toBase64url, verifyEd25519, type DeviceId } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import { Serial } from '../serial.ts';
import { bindingStatement, fingerprintOf } from './channel-binding.ts';

/** What the two ends of a link tell each other through a signaler. `to` is null in the first message of a session. */
const Signal = z.object({
  from: z.string().max(32),
  to: z.string().max(32).nullable(),
  description: z.object({ type: z.enum(['offer', 'answer', 'pranswer', 'rollback']), sdp: z.string() }).optional(),
  candidates: z
    .array(
      z.object({
        candidate: z.string().max(1024),
        sdpMid: z.string().max(64).nullish(),
        sdpMLineIndex: z.number().int().nullish(),
        usernameFragment: z.string().max(256).nullish(),
      }),
    )
    .max(64)
    .optional(),
});
export type Signal = z.infer<typeof Signal>;

/** Null when it is no signal of ours: another version, or rubbish. */
export function parseSignal(data: string): Signal | null {
  try {
    return Signal.parse(JSON.parse(data));
  } catch {
    return null; // from whom the server let through; a link that fails to form shows it
  }
}

/** Messages about the link itself are short texts; envelopes are binary. */
const Control = z.discriminatedUnion('type', [
  z.object({ type: z.literal('hello'), signature: base64url(86).length(86) }),
  z.object({ type: z.literal('ping') }),
  z.object({ type: z.literal('pong') }),
]);

export type RtcLinkEvents = {
  /** Both ends have proved their device keys: envelopes may flow. */
  open: null;
  message: Uint8Array;
  /** Anything at all came over the channel. */
  heard: null;
  /** ICE found no way, or lost it. */
  failed: null;
  /** The channel is gone for good. `impostor`: the other end is not who it should be. */
  closed: { impostor: boolean };
};

export type Identity = { device: DeviceId; sign: (bytes: Uint8Array) => Promise<Uint8Array> };
export type RtcLinkOptions = {
  rtc: typeof RTCPeerConnection;
  configuration: RTCConfiguration;
  own: Identity;
  peer: { device: DeviceId; deviceKey: Uint8Array };
  /** The initiator makes the first offer; the other waits for it. */
  initiator: boolean;
  signal: (message: Signal) => void;
};

const candidateBatchMs = 30;
/** More than this unsent, and a message is not taken: the network is slower than the talk (mesh.md, flow control). */
const bufferedMax = 256 * 1024;

/** One RTCPeerConnection with one negotiated data channel: perfect negotiation, batched candidates, channel binding. */
export class RtcLink extends Emitter<RtcLinkEvents> {
  readonly session = toBase64url(crypto.getRandomValues(new Uint8Array(12)));
  /** Session of the other end that this link is bound to, once it has spoken. */
  remoteSession: string | null = null;
  readonly #pc: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #polite: boolean;
  readonly #signals = new Serial();
  #mayOffer: boolean;
  #makingOffer = false;
  #ignoring = false;
  #early: RTCIceCandidateInit[] = [];
  #outgoing: RTCIceCandidateInit[] = [];
  #proved = false;
  #closed = false;

  constructor(private readonly options: RtcLinkOptions) {
    super();
    this.#polite = options.own.device < options.peer.device;
    this.#mayOffer = options.initiator;
    this.#pc = new options.rtc(options.configuration);
    this.#pc.onnegotiationneeded = () => void this.#offer();
    this.#pc.onicecandidate = ({ candidate }) => candidate && this.#gathered(candidate);
    this.#pc.onconnectionstatechange = () => this.#pc.connectionState === 'failed' && this.emit('failed', null);
    this.#channel = this.#pc.createDataChannel('conclave', { negotiated: true, id: 0 });
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.onopen = () => void this.#hello();
    this.#channel.onclose = () => this.close();
    this.#channel.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => this.#hear(data);
  }

  get open(): boolean {
    return this.#proved && this.#channel.readyState === 'open';
  }
  get connectionState(): RTCPeerConnectionState {
    return this.#pc.connectionState;
  }

  /** False when it cannot be taken now. */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (!this.open || this.#channel.bufferedAmount > bufferedMax) return false;
    this.#channel.send(bytes);
    return true;
  }

  /** False when even this was refused. */
  ping(): boolean {
    return this.#control({ type: 'ping' });
  }

  /** A new way for the same connection: after `failed`, or when the network changed. */
  restart(configuration: RTCConfiguration): void {
    if (this.#closed) return;
    this.#mayOffer = true;
    this.#pc.setConfiguration(configuration);
    this.#pc.restartIce();
  }

  handle(message: Signal): void {
    this.remoteSession ??= message.from;
    void this.#signals.run(() => this.#handle(message)).catch(() => this.emit('failed', null)); // SDP the browser refuses
  }

  /** True when either end of the chosen path is a TURN relay. */
  async overTurn(): Promise<boolean> {
    const stats = await this.#pc.getStats();
    const byId = new Map<string, Record<string, unknown>>();
    stats.forEach((entry: Record<string, unknown> & { id: string }) => byId.set(entry.id, entry));
    const transport = [...byId.values()].find((entry) => entry['type'] === 'transport');
    const pair = byId.get(String(transport?.['selectedCandidatePairId']));
    return ['localCandidateId', 'remoteCandidateId'].some((end) => byId.get(String(pair?.[end]))?.['candidateType'] === 'relay');
  }

  close(impostor = false): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#channel.onopen = this.#channel.onclose = this.#channel.onmessage = null;
    this.#pc.onnegotiationneeded = this.#pc.onicecandidate = this.#pc.onconnectionstatechange = null;
    this.#pc.close();
    this.emit('closed', { impostor });
  }

  #say(message: Omit<Signal, 'from' | 'to'>): void {
    if (!this.#closed) this.options.signal({ from: this.session, to: this.remoteSession, ...message });
  }

  async #offer(): Promise<void> {
    if (!this.#mayOffer || this.#closed) return;
    try {
      this.#makingOffer = true;
      await this.#pc.setLocalDescription();
      this.#describe();
    } catch {
      if (!this.#closed) this.emit('failed', null);
    } finally {
      this.#makingOffer = false;
    }
  }

  #describe(): void {
    const description = this.#pc.localDescription;
    if (description) this.#say({ description: { type: description.type, sdp: description.sdp } });
  }

  async #handle({ description, candidates }: Signal): Promise<void> {
    if (this.#closed) return;
    if (description) {
      const collision = description.type === 'offer' && (this.#makingOffer || this.#pc.signalingState !== 'stable');
      this.#ignoring = !this.#polite && collision;
      if (this.#ignoring) return;
      await this.#pc.setRemoteDescription(description);
      for (const candidate of this.#early.splice(0)) await this.#pc.addIceCandidate(candidate);
      if (description.type === 'offer') {
        await this.#pc.setLocalDescription();
        this.#describe();
      }
    }
    for (const candidate of candidates ?? []) await this.#add(candidate);
  }

  async #add(candidate: RTCIceCandidateInit): Promise<void> {
    if (!this.#pc.remoteDescription) {
      if (this.#early.length < 128) this.#early.push(candidate);
      return;
    }
    try {
      await this.#pc.addIceCandidate(candidate);
    } catch (error) {
      if (!this.#ignoring) throw error;
    }
  }

  #gathered(candidate: RTCIceCandidate): void {
    this.#outgoing.push(candidate.toJSON());
    if (this.#outgoing.length > 1) return;
    setTimeout(() => this.#tellCandidates(), candidateBatchMs);
  }

  #tellCandidates(): void {
    while (this.#outgoing.length > 0) this.#say({ candidates: this.#outgoing.splice(0, 64) as Signal['candidates'] });
  }

  #fingerprints(): { own: string; other: string } | null {
    const own = fingerprintOf(this.#pc.localDescription?.sdp);
    const other = fingerprintOf(this.#pc.remoteDescription?.sdp);
    return own && other ? { own, other } : null;
  }

  async #hello(): Promise<void> {
    const prints = this.#fingerprints();
    if (!prints) return this.close(true);
    const { own, peer } = this.options;
    let signature;
    try {
      signature = await own.sign(bindingStatement(own.device, peer.device, prints.own, prints.other));
    } catch {
      return this.close(); // keys that cannot sign any more: whoever holds them says why, the link only ends
    }
    this.#control({ type: 'hello', signature: toBase64url(signature) });
  }

  #control(message: z.infer<typeof Control>): boolean {
    if (this.#channel.readyState !== 'open') return false;
    this.#channel.send(JSON.stringify(message));
    return true;
  }

  #hear(data: string | ArrayBuffer): void {
    this.emit('heard', null);
    if (typeof data !== 'string') {
      // Before the proof nothing is taken from whoever this is; the author repeats what was not acknowledged.
      if (this.#proved) this.emit('message', new Uint8Array(data));
      return;
    }
    const control = parseControl(data);
    if (control?.type === 'hello') void this.#prove(fromBase64url(control.signature));
    else if (control?.type === 'ping') this.#control({ type: 'pong' });
  }

  async #prove(signature: Uint8Array): Promise<void> {
    const { own, peer } = this.options;
    const prints = this.#fingerprints();
    const valid =
      prints && (await verifyEd25519(peer.deviceKey, signature, bindingStatement(peer.device, own.device, prints.other, prints.own)));
    if (!valid) return this.close(true);
    if (this.#proved || this.#closed) return;
    this.#proved = true;
    this.emit('open', null);
  }
}

function parseControl(data: string): z.infer<typeof Control> | null {
  try {
    return data.length > 1024 ? null : Control.parse(JSON.parse(data));
  } catch {
    return null; // a newer version may say more
  }
}
