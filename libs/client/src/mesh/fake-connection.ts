/*
 * For tests: RTCPeerConnection and its channel as far as a link uses them, over a network of this process that can be cut in silence. What
 * is real stays real: negotiation, the proof of keys, pings.
 */
export class FakeNetwork {
  /** Down: nothing arrives, and nobody is told. */
  up = true;
  /** A pair that has no way to each other: ICE finds none. */
  passable = true;
  readonly connections: FakeConnection[] = [];
  /** Text messages that went over any channel, by who sent them. */
  readonly said: { from: number; type: string }[] = [];

  /** The class to give to a link. */
  get rtc(): typeof RTCPeerConnection {
    // oxlint-disable-next-line typescript/no-this-alias -- a class of its own per network
    const network = this;
    return class extends FakeConnection {
      constructor() {
        super(network);
      }
    } as unknown as typeof RTCPeerConnection;
  }

  get open(): FakeConnection[] {
    return this.connections.filter(({ connectionState }) => connectionState !== 'closed');
  }
}

type Handler<T> = ((event: T) => void) | null;

class FakeChannel {
  readyState: RTCDataChannelState = 'connecting';
  bufferedAmount = 0;
  onopen: Handler<null> = null;
  onclose: Handler<null> = null;
  onmessage: Handler<{ data: unknown }> = null;

  constructor(
    private readonly connection: FakeConnection,
    private readonly network: FakeNetwork,
  ) {}

  send(data: unknown): void {
    if (typeof data === 'string') {
      const { type } = JSON.parse(data) as { type: string };
      this.network.said.push({ from: this.connection.id, type });
    }
    const other = this.connection.other;
    if (this.network.up) queueMicrotask(() => other?.channel.readyState === 'open' && other.channel.onmessage?.({ data }));
  }
}

export class FakeConnection {
  readonly id: number;
  connectionState: RTCPeerConnectionState = 'new';
  signalingState: RTCSignalingState = 'stable';
  localDescription: RTCSessionDescriptionInit | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  onnegotiationneeded: Handler<null> = null;
  onicecandidate: Handler<{ candidate: null }> = null;
  onconnectionstatechange: Handler<null> = null;
  other: FakeConnection | null = null;
  restarts = 0;
  readonly channel: FakeChannel;

  constructor(private readonly network: FakeNetwork) {
    this.id = network.connections.push(this) - 1;
    this.channel = new FakeChannel(this, network);
  }

  createDataChannel(): FakeChannel {
    queueMicrotask(() => this.onnegotiationneeded?.(null));
    return this.channel;
  }

  async setLocalDescription(): Promise<void> {
    const type = this.signalingState === 'have-remote-offer' ? 'answer' : 'offer';
    const print = Array.from({ length: 32 }, (_, i) => ((this.id >> (8 * (i % 2))) & 255).toString(16).padStart(2, '0')).join(':');
    this.localDescription = { type, sdp: `a=x-id:${this.id}\r\na=fingerprint:sha-256 ${print}\r\n` };
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable';
    this.#meet();
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.remoteDescription = description;
    this.other = this.network.connections[Number(/x-id:(\d+)/.exec(description.sdp!)![1])]!;
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable';
    this.#meet();
  }

  async getStats(): Promise<Map<string, unknown>> {
    return new Map();
  }

  setConfiguration(): void {}
  restartIce(): void {
    this.restarts++;
    queueMicrotask(() => this.onnegotiationneeded?.(null));
  }

  /** ICE has found no way, or lost it. */
  fail(): void {
    this.connectionState = 'failed';
    this.onconnectionstatechange?.(null);
  }

  /** The channel ends under the link, without a word: what it is asked to send is refused. */
  shut(): void {
    this.channel.readyState = 'closing';
  }

  close(): void {
    this.connectionState = 'closed';
    this.channel.readyState = 'closed';
    const other = this.other;
    if (!this.network.up || other?.other !== this || other.channel.readyState !== 'open') return;
    queueMicrotask(() => {
      other.channel.readyState = 'closed';
      other.channel.onclose?.(null);
    });
  }

  #meet(): void {
    const other = this.other;
    const agreed = this.signalingState === 'stable' && other?.signalingState === 'stable' && other.other === this;
    if (!agreed || !this.network.passable || this.channel.readyState !== 'connecting') return;
    for (const end of [this, other]) {
      end.connectionState = 'connected';
      end.channel.readyState = 'open';
      queueMicrotask(() => end.channel.onopen?.(null));
    }
  }
}
