import { describe, expect, it } from 'vitest';
import { hideCandidate, hideDescription, relayedOnly } from './hidden-address.ts';

const host = 'candidate:1 1 udp 2122260223 192.168.1.7 54401 typ host generation 0';
const reflexive = 'candidate:5 1 udp 1685987071 203.0.113.5 54400 typ srflx raddr 192.168.1.7 rport 54401 generation 0';
const relay = 'candidate:6 1 udp 41885439 198.51.100.9 49170 typ relay raddr 203.0.113.5 rport 54400 generation 0';
const addresses = /192\.168\.1\.7|203\.0\.113\.5/;

describe('a hidden address (MESH10)', () => {
  it('leaves in no candidate: only relayed ones go, without the address behind them', () => {
    expect([hideCandidate(host), hideCandidate(reflexive), hideCandidate(host.replace('typ host', 'typ prflx'))]).toEqual([
      null,
      null,
      null,
    ]);
    expect(hideCandidate(relay)).toBe('candidate:6 1 udp 41885439 198.51.100.9 49170 typ relay raddr 0.0.0.0 rport 0 generation 0');
    expect(hideCandidate('candidate:7 1 udp 1 198.51.100.9 1 typ relay')).not.toBeNull();
  });

  it('leaves in no line of a description', () => {
    const sdp = [
      'v=0',
      'o=- 1 2 IN IP4 192.168.1.7',
      'm=application 54400 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 203.0.113.5',
      ...[host, reflexive, relay].map((candidate) => `a=${candidate}`),
      'a=mid:0',
      '',
    ].join('\r\n');
    const hidden = hideDescription(sdp);
    expect(hidden).not.toMatch(addresses);
    expect(hidden.match(/^a=candidate.*$/gm)).toEqual([expect.stringContaining('typ relay raddr 0.0.0.0 rport 0')]);
    expect(hidden.endsWith('a=mid:0\r\n')).toBe(true);
  });

  it('asks TURN servers only, and has no connection at all where there is none', () => {
    const stun = { urls: ['stun:a.test'] };
    const turn = { urls: ['turn:a.test', 'turns:a.test'], username: 'u', credential: 'c' };
    expect(relayedOnly({ iceServers: [stun, turn] })).toEqual({ iceServers: [turn], iceTransportPolicy: 'relay' });
    for (const iceServers of [[], [stun]]) expect(relayedOnly({ iceServers })).toBeNull();
  });
});
