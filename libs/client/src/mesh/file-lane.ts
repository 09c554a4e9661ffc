/** More than this unsent, and whoever sends a file waits; they go on below the low mark. */
const HIGH = 1024 * 1024;
const LOW = 256 * 1024;

/**
 * The data channel for files beside that of messages, so that no message waits behind a file. Either end makes one when it needs it; both listen on
 * any. Nothing passes before the keys of both ends are proved.
 */
export class FileLane {
  #channel: RTCDataChannel | null = null;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor(
    private readonly pc: RTCPeerConnection,
    private readonly proved: () => boolean,
    private readonly hear: (bytes: Uint8Array) => void,
  ) {}

  /** The other end has made one. */
  met(channel: RTCDataChannel): void {
    if (channel.label !== 'files' || this.#closed) return channel.close();
    this.#listen(channel);
    this.#channel ??= channel;
  }

  /** Resolves true when more may be sent, false when the link has ended. */
  async ready(): Promise<boolean> {
    if (this.#closed || !this.proved()) return false;
    const channel = (this.#channel ??= this.#listen(this.pc.createDataChannel('files')));
    while (!this.#closed && (channel.readyState === 'connecting' || (channel.readyState === 'open' && channel.bufferedAmount > HIGH)))
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return !this.#closed && channel.readyState === 'open';
  }

  /** Only after `ready`; false when it has ended meanwhile. */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#closed || this.#channel?.readyState !== 'open') return false;
    this.#channel.send(bytes);
    return true;
  }
  /** True while `send` need not wait for `ready`. */
  get free(): boolean {
    return this.#channel?.readyState === 'open' && this.#channel.bufferedAmount <= HIGH;
  }

  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #listen(channel: RTCDataChannel): RTCDataChannel {
    channel.binaryType = 'arraybuffer';
    channel.bufferedAmountLowThreshold = LOW;
    channel.onopen = channel.onbufferedamountlow = () => this.#wake();
    channel.onclose = () => {
      if (this.#channel === channel) this.#channel = null;
      this.#wake();
    };
    channel.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data !== 'string' && this.proved()) this.hear(new Uint8Array(data));
    };
    return channel;
  }

  #wake(): void {
    this.#waiting.splice(0).forEach((wake) => wake());
  }
}
