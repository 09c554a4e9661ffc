/* What the doctor tries with WebRTC: gathering candidates from one server, and one message between two ends of this very browser. */
export type Gathered = {
  ms: number;
  /** Addresses that the server gave: reflexive ones of STUN, relayed ones of TURN. */
  found: string[];
  /** What went wrong, by the browser's number (401: refused, 701: not reached); null when nothing was said. */
  error: number | null;
  /** False when the time was over first. */
  complete: boolean;
};

const gatherMs = 8_000;
const loopMs = 10_000;

/** Asks one server for an address. Ends with the first that comes, when gathering is complete, or after 8 s. */
export async function gather(rtc: typeof RTCPeerConnection, server: RTCIceServer, type: 'srflx' | 'relay', now: () => number) {
  const pc = new rtc({ iceServers: [server], ...(type === 'relay' ? { iceTransportPolicy: 'relay' } : {}) });
  const start = now();
  const result: Gathered = { ms: 0, found: [], error: null, complete: false };
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, gatherMs);
      const end = () => {
        clearTimeout(timer);
        resolve();
      };
      pc.onicecandidate = ({ candidate }) => {
        const match = / (\S+) (\d+) typ (\S+)/.exec(candidate?.candidate ?? '');
        if (match?.[3] === type) {
          result.found.push(`${match[1]}:${match[2]}`);
          end();
        } else if (!candidate) {
          result.complete = true;
          end();
        }
      };
      pc.onicecandidateerror = ({ errorCode }) => (result.error ??= errorCode);
      pc.createDataChannel('doctor');
      pc.setLocalDescription().catch(reject);
    });
  } finally {
    result.ms = now() - start;
    pc.onicecandidate = pc.onicecandidateerror = null;
    pc.close();
  }
  return result;
}

/** One message there and back between two connections of this browser: by TURN only when servers are given. Null: it did not arrive. */
export async function loop(rtc: typeof RTCPeerConnection, turn: RTCIceServer[] | null, now: () => number): Promise<number | null> {
  const configuration: RTCConfiguration = turn ? { iceServers: turn, iceTransportPolicy: 'relay' } : { iceServers: [] };
  const [near, far] = [new rtc(configuration), new rtc(configuration)];
  const start = now();
  try {
    return await new Promise<number | null>((resolve, reject) => {
      setTimeout(() => resolve(null), loopMs);
      near.onicecandidate = ({ candidate }) => candidate && far.addIceCandidate(candidate).catch(reject);
      far.onicecandidate = ({ candidate }) => candidate && near.addIceCandidate(candidate).catch(reject);
      const [here, there] = [near, far].map((pc) => pc.createDataChannel('doctor', { negotiated: true, id: 0 })) as [
        RTCDataChannel,
        RTCDataChannel,
      ];
      there.onmessage = ({ data }) => there.send(data as string);
      here.onopen = () => here.send('there and back');
      here.onmessage = () => resolve(now() - start);
      introduce(near, far).catch(reject);
    });
  } finally {
    for (const pc of [near, far]) {
      pc.onicecandidate = null;
      pc.close();
    }
  }
}

async function introduce(near: RTCPeerConnection, far: RTCPeerConnection): Promise<void> {
  await near.setLocalDescription();
  await far.setRemoteDescription(near.localDescription!);
  await far.setLocalDescription();
  await near.setRemoteDescription(far.localDescription!);
}
