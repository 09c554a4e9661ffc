import { ConclaveError, type DeviceId } from '../../../protocol/src/index.ts';
import { readHandText, writeHandText, type HandText } from './hand-text.ts';
import type { Other, RtcLink, SendSignal } from './rtc-link.ts';

/** What it needs of the mesh. */
export type HandPorts = {
  /** A link that signals nothing; with an offer of its own when it is not known who will answer. Null where there is no WebRTC. */
  link: (peer: Other | null) => RtcLink | null;
  /** A device that shares a room with this one. */
  expected: (device: DeviceId) => Other | null;
  /** The way signals to a device take once it is known who it is. */
  signal: (device: DeviceId) => SendSignal;
  /** From now on this is the link to the device. */
  adopt: (device: DeviceId, link: RtcLink, patienceMs: number) => void;
};

/** An offer or answer waits so long for people to carry it. */
const patienceMs = 10 * 60_000;
const openMs = 20_000;

/**
 * Back into the mesh by QR code or paste (P-26): an offer as a text, its answer as a text, carried by people. The texts are not secret
 * and are trusted with nothing: a link opens only when both ends have proved the device keys that the group's tree names (D14).
 */
export class ByHand {
  #offered: RtcLink | null = null;
  #expiry: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly own: DeviceId,
    private readonly ports: HandPorts,
  ) {}

  /** An offer that any member of a shared room may answer, once. An earlier one is void. */
  async offer(): Promise<string> {
    this.#withdraw();
    const link = this.#link(null);
    this.#offered = link;
    this.#expiry = setTimeout(() => this.#withdraw(), patienceMs);
    return this.#write('offer', link);
  }

  /** Throws ConclaveError `bad-request` for a text that is none, `forbidden` for a device that shares no room. */
  async answer(text: string): Promise<{ text: string; device: DeviceId }> {
    const offer = await this.#read(text, 'offer');
    const peer = this.#member(offer.device);
    const link = this.#link(peer);
    link.handle({ from: offer.session, to: null, description: offer.description });
    const answer = await this.#write('answer', link, offer.session);
    link.meet(peer, this.ports.signal(peer.device));
    this.ports.adopt(peer.device, link, patienceMs);
    return { text: answer, device: peer.device };
  }

  /** Resolves when the link is open and both ends have proved themselves. Throws ConclaveError as `answer`, or `unavailable`. */
  async accept(text: string): Promise<DeviceId> {
    const answer = await this.#read(text, 'answer');
    const peer = this.#member(answer.device);
    const link = this.#offered;
    if (!link || answer.kind !== 'answer' || answer.to !== link.session)
      throw new ConclaveError('conflict', 'This answers another offer. Show the text you have now, and paste the answer to that one.');
    this.#offered = null;
    this.#withdraw();
    const opened = whenOpen(link);
    link.meet(peer, this.ports.signal(peer.device));
    this.ports.adopt(peer.device, link, openMs);
    link.handle({ from: answer.session, to: link.session, description: answer.description });
    await opened;
    return peer.device;
  }

  stop(): void {
    this.#withdraw();
  }

  #withdraw(): void {
    if (this.#expiry) clearTimeout(this.#expiry);
    this.#expiry = null;
    this.#offered?.close();
    this.#offered = null;
  }

  #link(peer: Other | null): RtcLink {
    const link = this.ports.link(peer);
    if (!link) throw new ConclaveError('unavailable', 'This browser has no WebRTC, so it cannot connect to members directly.');
    return link;
  }

  #member(device: DeviceId): Other {
    if (device === this.own)
      throw new ConclaveError(
        'bad-request',
        'This is your own text. Give it to a member of one of your rooms, and paste what they give you.',
      );
    const peer = this.ports.expected(device);
    if (!peer)
      throw new ConclaveError('forbidden', 'This text comes from a device that is in none of your rooms, so nothing was connected.');
    return peer;
  }

  async #read(text: string, kind: HandText['kind']): Promise<HandText> {
    const hand = await readHandText(text).catch((error: unknown) => {
      throw error instanceof RangeError ? new ConclaveError('bad-request', error.message) : error;
    });
    if (hand.kind === kind) return hand;
    const words =
      kind === 'offer'
        ? 'This is an answer. Whoever asked to be let in pastes it; here goes what they show first.'
        : 'This is somebody’s request to be let in, not the answer to yours.';
    throw new ConclaveError('bad-request', words);
  }

  async #write(kind: HandText['kind'], link: RtcLink, to = ''): Promise<string> {
    const description = await link.description();
    if (description?.type !== kind) {
      link.close();
      throw new ConclaveError('unavailable', 'This browser could not prepare a connection. Begin again.');
    }
    const { own: device } = this;
    return writeHandText(
      kind === 'offer' ? { kind, device, session: link.session, description } : { kind, device, session: link.session, to, description },
    );
  }
}

function whenOpen(link: RtcLink): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (words: string) => {
      clearTimeout(timer);
      reject(new ConclaveError('unavailable', words));
    };
    const words = 'No connection came about. You may be in networks that do not reach each other; begin again, or try another member.';
    const timer = setTimeout(() => fail(words), openMs);
    link.on('open', () => {
      clearTimeout(timer);
      resolve();
    });
    link.on('closed', ({ impostor }) =>
      fail(impostor ? 'The other end is not the device it claims to be. Nothing was sent to it.' : words),
    );
  });
}
