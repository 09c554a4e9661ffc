import * as z from 'zod';
import { base64url, fromBase64url, toBase64url, verifyEd25519, type DeviceId } from '../../../protocol/src/index.ts';
import { Emitter } from '../emitter.ts';
import { Serial } from '../serial.ts';
import { bindingStatement, fingerprintOf } from './channel-binding.ts';
import { FileLane } from './file-lane.ts';
import { hideCandidate, hideDescription } from './hidden-address.ts';
import { overTurn } from './over-turn.ts';
import type { Signal } from './signal-message.ts';

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
  /** On the channel for files. */
  file: Uint8Array;
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
  /** Null while it is not known who will answer an offer made by hand: `meet` tells, before anything opens. */
  peer: Other | null;
  /** The initiator makes the first offer; the other waits for it. */
  initiator: boolean;
  /** Null: descriptions go by hand (`description`) until `meet`. */
  signal: SendSignal | null;
};
export type Other = { device: DeviceId; deviceKey: Uint8Array };
export type SendSignal = (message: Signal) => void;

const candidateBatchMs = 30;
/** What is not gathered by then is not there: a STUN server that does not answer would take 10 s. */
const gatherMs = 3_000;
/** More than this unsent, and a message is not taken: the network is slower than the talk (mesh.md, flow control). */
const bufferedMax = 256 * 1024;

/** One RTCPeerConnection with one negotiated data channel: perfect negotiation, batched candidates, channel binding. */
export class RtcLink extends Emitter<RtcLinkEvents> {
  readonly session = toBase64url(crypto.getRandomValues(new Uint8Array(12)));
  /** Session of the other end that this link is bound to, once it has spoken. */
  remoteSession: string | null = null;
  readonly #pc: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly files: FileLane;
  #peer: Other | null;
  #signal: SendSignal | null;
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
    this.#peer = options.peer;
    this.#signal = options.signal;
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
    const hearFile = (bytes: Uint8Array) => {
      this.emit('heard', null);
      this.emit('file', bytes);
    };
    this.files = new FileLane(this.#pc, () => this.#proved, hearFile);
    this.#pc.ondatachannel = ({ channel }) => this.files.met(channel);
  }

  get open(): boolean {
    return this.#proved && this.#channel.readyState === 'open';
  }
  get connectionState(): RTCPeerConnectionState {
    return this.#pc.connectionState;
  }

  /** Who the other end has to be, and how it is reached from now on. */
  meet(peer: Other, signal: SendSignal): void {
    this.#peer = peer;
    this.#signal = signal;
    this.#outgoing = [];
  }

  /** The local description with the candidates that could be gathered in a short while, for a way that carries nothing afterwards. */
  async description(): Promise<{ type: 'offer' | 'answer'; sdp: string } | null> {
    for (const end = Date.now() + gatherMs; !this.#closed && Date.now() < end;) {
      if (this.#pc.localDescription && this.#pc.iceGatheringState === 'complete') break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const local = this.#closed ? null : this.#pc.localDescription;
    return local && (local.type === 'offer' || local.type === 'answer') ? { type: local.type, sdp: this.#shown(local.sdp) } : null;
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

  /** An offer that nobody has answered is made again: it may have been lost with the way it went by. */
  repeat(): void {
    if (this.#pc.signalingState === 'have-local-offer') this.#describe();
  }

  handle(message: Signal): void {
    this.remoteSession ??= message.from;
    void this.#signals.run(() => this.#handle(message)).catch(() => this.emit('failed', null)); // SDP the browser refuses
  }

  /** True when either end of the chosen path is a TURN relay. */
  overTurn(): Promise<boolean> {
    return overTurn(this.#pc);
  }

  close(impostor = false): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#channel.onopen = this.#channel.onclose = this.#channel.onmessage = null;
    this.#pc.onnegotiationneeded = this.#pc.onicecandidate = this.#pc.onconnectionstatechange = this.#pc.ondatachannel = null;
    this.files.close();
    this.#pc.close();
    this.emit('closed', { impostor });
  }

  #say(message: Omit<Signal, 'from' | 'to'>): void {
    if (!this.#closed) this.#signal?.({ from: this.session, to: this.remoteSession, ...message });
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
    if (description) this.#say({ description: { type: description.type, sdp: this.#shown(description.sdp) } });
  }

  /** This end shows its address to nobody but the TURN server (MESH10). */
  get #hides(): boolean {
    return this.options.configuration.iceTransportPolicy === 'relay';
  }
  #shown(sdp: string): string {
    return this.#hides ? hideDescription(sdp) : sdp;
  }

  async #handle({ description, candidates }: Signal): Promise<void> {
    if (this.#closed) return;
    if (description) {
      if (description.type === 'answer' && this.#pc.signalingState !== 'have-local-offer') return; // to an offer that was repeated
      const collision = description.type === 'offer' && (this.#makingOffer || this.#pc.signalingState !== 'stable');
      const polite = this.#peer !== null && this.options.own.device < this.#peer.device;
      this.#ignoring = !polite && collision;
      if (this.#ignoring) return this.repeat(); // the other gives way to our offer, if it came through
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
    const shown = this.#hides ? hideCandidate(candidate.candidate) : candidate.candidate;
    if (shown === null) return;
    this.#outgoing.push({ ...candidate.toJSON(), candidate: shown });
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
    const peer = this.#peer;
    if (!prints || !peer) return this.close(true);
    const { own } = this.options;
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
    const { own } = this.options;
    const peer = this.#peer;
    const prints = this.#fingerprints();
    const valid =
      prints &&
      peer &&
      (await verifyEd25519(peer.deviceKey, signature, bindingStatement(peer.device, own.device, prints.other, prints.own)));
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
