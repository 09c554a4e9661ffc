import { NodePeerConnection } from '../../../libs/client/src/mesh/node-rtc.ts';

type Data = string | Uint8Array<ArrayBuffer>;
/** More than any trial says. */
const heldMax = 10_000;
type Held = { channel: RTCDataChannel; data: Data };

/** The network between browsers: what one person's connections send may be held back, as a network that is cut holds it. */
export class PeerNetwork {
  readonly #connections = new Set<RTCPeerConnection>();
  #cut = false;
  #held: Held[] = [];

  /** A class to hand to one person's client. */
  readonly rtc: typeof RTCPeerConnection;

  constructor() {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the class below has a `this` of its own
    const network = this;
    this.rtc = class extends NodePeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        network.#connections.add(this);
      }
      override createDataChannel(label: string, options?: RTCDataChannelInit): RTCDataChannel {
        return network.#watched(super.createDataChannel(label, options));
      }
      override close(): void {
        network.#connections.delete(this);
        super.close();
      }
    };
  }

  /** Nothing of this person's leaves; what is said meanwhile comes when the network is back. */
  cut(): void {
    this.#cut = true;
  }

  heal(): void {
    this.#cut = false;
    const held = this.#held;
    this.#held = [];
    for (const { channel, data } of held) if (channel.readyState === 'open') channel.send(data as string);
  }

  /** Every direct connection ends, as when the other side's process is killed. */
  kill(): number {
    const open = [...this.#connections];
    for (const connection of open) connection.close();
    return open.length;
  }

  #watched(channel: RTCDataChannel): RTCDataChannel {
    const send = channel.send.bind(channel) as (data: Data) => void;
    Object.defineProperty(channel, 'send', {
      value: (data: Data) => {
        if (!this.#cut) return send(data);
        if (this.#held.length < heldMax) this.#held.push({ channel, data: typeof data === 'string' ? data : data.slice() });
      },
    });
    return channel;
  }
}
