import { describe, expect, it } from 'vitest';
import { NodePeerConnection } from '../mesh/node-rtc.ts';
import { reportOf, type Check, type CheckName, type Examination } from './checks.ts';
import { Doctor, type Instruments } from './doctor.ts';

/*
 * Real WebRTC in Node for what happens within this browser. What is fake: the server, its socket, and what STUN and TURN servers say;
 * the NAT laboratory has real ones.
 */
type Says = { address?: string; error?: number; carries?: boolean };

function instruments(says: Record<string, Says>, rest: Partial<Instruments> = {}): Instruments {
  class Scripted extends NodePeerConnection {
    readonly #servers: Says[];
    readonly #relay: boolean;
    constructor(configuration: RTCConfiguration = {}) {
      super({ iceServers: [] });
      this.#servers = (configuration.iceServers ?? []).map(({ urls }) => says[String(urls)]!);
      this.#relay = configuration.iceTransportPolicy === 'relay';
    }
    override async setLocalDescription(description?: RTCLocalSessionDescriptionInit): Promise<void> {
      for (const { address, error } of this.#servers) {
        const type = this.#relay ? 'relay' : 'srflx';
        const candidate = `candidate:1 1 udp 1 ${address} 4000 typ ${type}`;
        if (address) this.onicecandidate?.({ candidate: { candidate } } as RTCPeerConnectionIceEvent);
        if (error) this.onicecandidateerror?.({ errorCode: error } as RTCPeerConnectionIceErrorEvent);
      }
      await super.setLocalDescription(description);
    }
    override setRemoteDescription({ type, sdp }: RTCSessionDescriptionInit): Promise<void> {
      return super.setRemoteDescription({
        type,
        sdp: this.#dead ? sdp?.replaceAll(/a=candidate.*\r\n/g, '') : sdp,
      });
    }
    get #dead(): boolean {
      return this.#relay && !this.#servers.some(({ carries }) => carries);
    }
    override addIceCandidate(candidate?: RTCIceCandidateInit | null): Promise<void> {
      return this.#dead || / typ relay/.test(candidate?.candidate ?? '') ? Promise.resolve() : super.addIceCandidate(candidate);
    }
  }
  return {
    askServer: async () => undefined,
    openSocket: () => socket('open'),
    iceServers: async () => Object.keys(says).map((urls) => ({ urls: [urls] })),
    rtc: Scripted,
    relay: true,
    ...rest,
  };
}

function socket(event: 'open' | 'error'): WebSocket {
  const made = { close: () => undefined, onopen: null, onerror: null } as unknown as WebSocket;
  setTimeout(() => (event === 'open' ? made.onopen?.({} as Event) : made.onerror?.({} as Event)));
  return made;
}

async function examine(with_: Instruments) {
  const told: Examination[] = [];
  const examination = await new Doctor(with_, (each) => told.push(each)).examine();
  const of = (name: CheckName): Check => examination.checks.find((check) => check.name === name)!;
  return { examination, told, of, states: Object.fromEntries(examination.checks.map(({ name, state }) => [name, state])) };
}

const stun = 'stun:stun.test';
const [udp, tcp, tls] = ['turn:turn.test?transport=udp', 'turn:turn.test?transport=tcp', 'turns:turn.test'];
const outside = { address: '203.0.113.5' };
const lent = { address: '198.51.100.9', carries: true };

describe('the connection doctor (MESH8)', () => {
  it('finds all well where all is well, with a time for each, one step after the other', async () => {
    const { states, examination, told } = await examine(instruments({ [stun]: outside, [udp]: lent, [tcp]: lent, [tls]: lent }));
    expect(new Set(Object.values(states))).toEqual(new Set(['ok']));
    expect(examination.verdict).toContain('All is well');
    for (const { name, ms } of examination.checks) if (name !== 'udp') expect(ms, name).toBeGreaterThanOrEqual(0);
    for (const { checks } of told) expect(checks.filter(({ state }) => state === 'running').length).toBeLessThanOrEqual(1);
    expect(told.at(-1)).toMatchObject({ done: true });
    expect(told.filter(({ done }) => done)).toHaveLength(1);
  });

  it('says of UDP that the network bars it when TURN works over TCP only', async () => {
    const { of, examination } = await examine(instruments({ [stun]: { error: 701 }, [udp]: { error: 701 }, [tcp]: lent }));
    expect(of('stun').mend).toMatchObject({ who: 'network', words: expect.stringContaining('no UDP') });
    expect(of('turn-udp').mend?.who).toBe('network');
    expect(of('udp')).toMatchObject({ state: 'failed', mend: { who: 'network' } });
    expect(of('turn-loop').state).toBe('ok');
    expect(examination.verdict).toContain('TURN');
  });

  it('says of STUN that the operator has to look when UDP gets through otherwise', async () => {
    const { of } = await examine(instruments({ [stun]: { error: 701 }, [udp]: lent }));
    expect(of('stun')).toMatchObject({ state: 'failed', mend: { who: 'operator', words: expect.stringContaining('STUN_URLS') } });
    expect(of('udp').state).toBe('ok');
  });

  it('takes a browser without a NAT for well, which repeats no address', async () => {
    const { of } = await examine(instruments({ [stun]: {} }));
    expect(of('stun')).toMatchObject({ state: 'ok', words: expect.stringContaining('the same from outside') });
  });

  it('names the setting when TURN refuses the credentials, or lends addresses and carries nothing', { timeout: 30_000 }, async () => {
    const { of } = await examine(instruments({ [udp]: { error: 401 }, [tcp]: { ...lent, carries: false } }));
    expect(of('turn-udp').mend).toMatchObject({ who: 'operator', words: expect.stringContaining('TURN_SECRET') });
    expect(of('turn-loop')).toMatchObject({ state: 'failed', mend: { who: 'operator', words: expect.stringContaining('49152') } });
  });

  it('says what a site lacks that names neither STUN nor TURN, and what that means with and without a relay', async () => {
    const { states, of, examination } = await examine(instruments({}));
    expect(states).toMatchObject({ stun: 'none', 'turn-udp': 'none', 'turn-loop': 'none', udp: 'none' });
    expect(of('stun').mend).toMatchObject({ who: 'operator', words: expect.stringContaining('STUN=on') });
    expect(examination.verdict).toContain('the relay carries');
    expect((await examine(instruments({}, { relay: false }))).examination.verdict).toContain('wait at their author');
  });

  it('tells a site that is down from a live connection that is barred', async () => {
    const down = {
      askServer: () => Promise.reject(new Error()),
      iceServers: () => Promise.reject(new Error()),
      openSocket: () => socket('error'),
    };
    const gone = await examine(instruments({}, down));
    expect(gone.of('server')).toMatchObject({ state: 'failed', mend: { who: 'you' } });
    expect(gone.examination.verdict).toContain('cannot be reached');
    const barred = await examine(instruments({}, { openSocket: () => socket('error') }));
    expect(barred.of('socket')).toMatchObject({ state: 'failed', mend: { who: 'network', words: expect.stringContaining('WebSockets') } });
  });

  it('says of a browser without WebRTC that the relay carries, and of one that refuses what it refused', async () => {
    const without = await examine(instruments({}, { rtc: null }));
    expect(without.of('webrtc')).toMatchObject({ state: 'failed', mend: { who: 'you' } });
    expect(without.examination.verdict).toContain('relay only');
    const Refusing = function () {
      throw new Error('not in this mode');
    };
    const refused = await examine(instruments({}, { rtc: Refusing as unknown as typeof RTCPeerConnection }));
    expect(refused.of('webrtc')).toMatchObject({ state: 'failed', words: expect.stringContaining('not in this mode') });
  });
});

describe('the doctor’s report', () => {
  it('names no address unless it is asked to', async () => {
    const { examination } = await examine(instruments({ [stun]: outside, [udp]: lent, [tcp]: { error: 401 } }));
    const [without, with_] = [false, true].map((addresses) => reportOf(examination, new Date(0), addresses)) as [string, string];
    expect(without).not.toMatch(/203\.0\.113\.5|198\.51\.100\.9|stun\.test|turn\.test/);
    for (const address of ['203.0.113.5', '198.51.100.9', stun]) expect(with_).toContain(address);
    expect(without).toContain('1970-01-01');
    expect(without).toContain('The operator of this site can mend it');
  });
});
