import { untried, type Check, type CheckName, type Examination } from './checks.ts';
import { gather, loop, type Gathered } from './probe.ts';
import * as advice from './advice.ts';

/** What the doctor examines with. */
export type Instruments = {
  /** Asks the server for anything over HTTP; rejects when it does not answer. */
  askServer: () => Promise<void>;
  openSocket: () => WebSocket;
  /** STUN and TURN servers as the site names them, or as last known. */
  iceServers: () => Promise<RTCIceServer[]>;
  rtc: typeof RTCPeerConnection | null;
  /** The site carries messages for those who cannot be reached directly (MESH4). */
  relay: boolean;
  now?: () => number;
};

const socketMs = 8_000;
const transports = ['turn-udp', 'turn-tcp', 'turn-tls'] as const;
type Transport = (typeof transports)[number];
type Outcome = Partial<Omit<Check, 'name' | 'title'>> & { state: 'ok' | 'failed' | 'none' };

/**
 * Tries one after the other what a connection needs, tells after each step how far it is, and ends with a verdict (MESH8). Nothing here
 * throws: what goes wrong is what it is there to say.
 */
export class Doctor {
  readonly #checks: Check[];
  readonly #now: () => number;
  #servers: RTCIceServer[] = [];

  constructor(
    private readonly instruments: Instruments,
    private readonly tell: (examination: Examination) => void,
  ) {
    this.#now = instruments.now ?? (() => performance.now());
    const names: CheckName[] = ['server', 'socket', 'webrtc', 'stun', ...transports, 'turn-loop', 'udp'];
    this.#checks = names.map(untried);
  }

  async examine(): Promise<Examination> {
    await this.#try('server', () => this.#server());
    await this.#try('socket', () => this.#socket());
    const { rtc } = this.instruments;
    await this.#try('webrtc', () => (rtc ? this.#webrtc(rtc) : Promise.resolve({ state: 'failed', ...advice.noWebRtc })));
    if (rtc) {
      await this.#try('stun', () => this.#stun(rtc));
      for (const transport of transports) await this.#try(transport, () => this.#turn(rtc, transport));
      this.#judgeStun();
      await this.#try('turn-loop', () => this.#loop(rtc));
      await this.#try('udp', async () => advice.udp(this.#state));
    }
    return this.#shown(true);
  }

  async #try(name: CheckName, step: () => Promise<Outcome>): Promise<void> {
    const index = this.#checks.findIndex((check) => check.name === name);
    this.#checks[index] = { ...untried(name), state: 'running' };
    this.#shown(false);
    const outcome = await step().catch((error: unknown): Outcome => ({ state: 'failed', ...advice.unexpected(error) }));
    this.#checks[index] = { ...untried(name), ...outcome };
    this.#shown(false);
  }

  #shown(done: boolean): Examination {
    const examination = { checks: [...this.#checks], done, verdict: done ? advice.verdict(this.#state, this.instruments.relay) : '' };
    this.tell(examination);
    return examination;
  }

  readonly #state = (name: CheckName): Check['state'] => this.#checks.find((check) => check.name === name)!.state;

  async #server(): Promise<Outcome> {
    const start = this.#now();
    try {
      await this.instruments.askServer();
      return { state: 'ok', ms: this.#now() - start, words: 'It can be reached.' };
    } catch {
      return { state: 'failed', ...advice.noServer }; // whatever the reason: this is the finding
    }
  }

  async #socket(): Promise<Outcome> {
    const start = this.#now();
    const socket = this.instruments.openSocket();
    const opened = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), socketMs);
      const end = (open: boolean) => {
        clearTimeout(timer);
        resolve(open);
      };
      socket.onopen = () => end(true);
      socket.onerror = socket.onclose = () => end(false);
    });
    socket.onopen = socket.onerror = socket.onclose = null;
    socket.close();
    if (opened) return { state: 'ok', ms: this.#now() - start, words: 'What others write reaches you at once.' };
    return { state: 'failed', ...(this.#state('server') === 'ok' ? advice.noSocket : advice.noServer) };
  }

  async #webrtc(rtc: typeof RTCPeerConnection): Promise<Outcome> {
    this.#servers = await this.instruments.iceServers().catch(() => []); // no server, no list: said where it is missed
    const ms = await loop(rtc, null, this.#now);
    return ms === null ? { state: 'failed', ...advice.noLoop } : { state: 'ok', ms, words: 'This browser can connect directly.' };
  }

  async #stun(rtc: typeof RTCPeerConnection): Promise<Outcome> {
    const urls = this.#urls((url) => /^stuns?:/.test(url));
    if (urls.length === 0) return { state: 'none', ...advice.noStunNamed };
    let last: Gathered | null = null;
    for (const url of urls) {
      last = await gather(rtc, { urls: url }, 'srflx', this.#now);
      // Without a NAT the address from outside is one's own, and browsers do not repeat it.
      if (last.found.length > 0 || (last.complete && last.error === null))
        return { state: 'ok', ms: last.ms, words: advice.stunAnswers(last.found.length > 0), addresses: [url, ...last.found] };
    }
    return { state: 'failed', addresses: urls, ...advice.noStun(this.#state) };
  }

  /** Its silence means something else once it is known what TURN says. */
  #judgeStun(): void {
    const index = this.#checks.findIndex(({ name, state }) => name === 'stun' && state === 'failed');
    if (index >= 0) this.#checks[index] = { ...this.#checks[index]!, ...advice.noStun(this.#state) };
  }

  async #turn(rtc: typeof RTCPeerConnection, transport: Transport): Promise<Outcome> {
    const servers = this.#turnServers(transport);
    if (servers.length === 0) return { state: 'none', ...advice.noTurnNamed(transport) };
    let error: number | null = null;
    for (const server of servers) {
      const { found, ms, error: code } = await gather(rtc, server, 'relay', this.#now);
      if (found.length > 0)
        return { state: 'ok', ms, words: 'The TURN server lends an address.', addresses: [String(server.urls), ...found] };
      error ??= code;
    }
    return { state: 'failed', addresses: servers.map(({ urls }) => String(urls)), ...advice.noTurn(transport, error) };
  }

  async #loop(rtc: typeof RTCPeerConnection): Promise<Outcome> {
    const working = transports.filter((transport) => this.#state(transport) === 'ok').flatMap((transport) => this.#turnServers(transport));
    if (working.length === 0) return { state: 'none', words: 'No TURN server lends an address, so there is nothing to send through.' };
    const ms = await loop(rtc, working, this.#now);
    return ms === null
      ? { state: 'failed', ...advice.noTurnLoop }
      : { state: 'ok', ms, words: 'A message went through the TURN server and came back.' };
  }

  #urls(fits: (url: string) => boolean): string[] {
    return this.#servers.flatMap(({ urls }) => [urls].flat()).filter(fits);
  }

  #turnServers(transport: Transport): RTCIceServer[] {
    return this.#servers.flatMap(({ urls, ...rest }) =>
      [urls]
        .flat()
        .filter((url) => transportOf(url) === transport)
        .map((url) => ({ ...rest, urls: url })),
    );
  }
}

function transportOf(url: string): Transport | null {
  if (url.startsWith('turns:')) return 'turn-tls';
  if (!url.startsWith('turn:')) return null;
  return url.includes('transport=tcp') ? 'turn-tcp' : 'turn-udp';
}
