import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packDescription, unpackDescription } from './compact-description.ts';
import { readHandText, writeHandText } from './hand-text.ts';

const device = '00000000-0000-4000-8000-00000000000a';
const print = Array.from({ length: 32 }, (_, i) => (i + 7).toString(16).padStart(2, '0').toUpperCase()).join(':');
/** As Chromium writes it, with candidates of every kind. */
const sdp = `v=0\r
o=- 4611731400430051336 2 IN IP4 127.0.0.1\r
s=-\r
t=0 0\r
a=group:BUNDLE 0\r
a=extmap-allow-mixed\r
a=msid-semantic: WMS\r
m=application 54400 UDP/DTLS/SCTP webrtc-datachannel\r
c=IN IP4 203.0.113.5\r
a=candidate:1 1 udp 2113937151 0b5eb1ca-59c5-4d4a-8ea5-3e2f1b3c4d5e.local 54400 typ host generation 0 network-cost 999\r
a=candidate:2 1 udp 2122260223 192.168.1.7 54401 typ host generation 0\r
a=candidate:3 1 udp 2122262783 2001:db8::7:1 54402 typ host generation 0\r
a=candidate:4 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active generation 0\r
a=candidate:5 1 udp 1685987071 203.0.113.5 54400 typ srflx raddr 192.168.1.7 rport 54401 generation 0\r
a=candidate:6 1 udp 41885439 198.51.100.9 49170 typ relay raddr 203.0.113.5 rport 54400 generation 0\r
a=ice-ufrag:hJ+k\r
a=ice-pwd:Vt9K/0wQpZ2vE3xY5zB7cD1f\r
a=ice-options:trickle\r
a=fingerprint:sha-256 ${print}\r
a=setup:actpass\r
a=mid:0\r
a=sctp-port:5000\r
a=max-message-size:262144\r
`;
const offer = { kind: 'offer', device, session: 'AAECAwQFBgcICQoL', description: { type: 'offer', sdp } } as const;

describe('a description in few bytes', () => {
  it('keeps what makes a link: keys, credentials, and every UDP candidate without the address behind it', () => {
    const packed = packDescription(offer.description);
    const back = unpackDescription('offer', packed).sdp;
    for (const line of [
      `a=fingerprint:sha-256 ${print}`,
      'a=ice-ufrag:hJ+k',
      'a=ice-pwd:Vt9K/0wQpZ2vE3xY5zB7cD1f',
      'a=setup:actpass',
      'a=mid:0',
    ])
      expect(back.split('\r\n')).toContain(line);
    const ends = [...back.matchAll(/udp \d+ (.+?)(?: raddr (.+))?\r$/gm)].map(([, end, related]) => [end, related]);
    expect(ends).toEqual([
      ['0b5eb1ca-59c5-4d4a-8ea5-3e2f1b3c4d5e.local 54400 typ host', undefined],
      ['192.168.1.7 54401 typ host', undefined],
      ['2001:db8:0:0:0:0:7:1 54402 typ host', undefined],
      ['203.0.113.5 54400 typ srflx', '0.0.0.0 rport 0'],
      ['198.51.100.9 49170 typ relay', '0.0.0.0 rport 0'],
    ]);
    expect(packed.length).toBeLessThan(150);
    expect(packDescription({ type: 'offer', sdp: back })).toEqual(packed);
  });

  it('is refused when it lacks what a link needs, or is of another kind', () => {
    for (const broken of [sdp.replace(/a=fingerprint.*\r\n/, ''), sdp.replace('sha-256', 'sha-1'), sdp.replace('actpass', 'holdconn'), ''])
      expect(() => packDescription({ type: 'offer', sdp: broken })).toThrow(RangeError);
  });

  it('never ends in anything but a RangeError, and never writes lines of its own, whatever the bytes are', () => {
    const lines = unpackDescription('offer', packDescription(offer.description)).sdp.split('\r\n').length;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
        const bytes = new Uint8Array([0, ...new Uint8Array(32), 1, 48, ...tail]);
        try {
          const back = unpackDescription('offer', bytes).sdp;
          expect(back.replaceAll(/a=candidate.*\r\n/g, '').split('\r\n')).toHaveLength(lines - 5);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a text for people to carry (P-26)', () => {
  it('comes back as it was written, with line breaks and spaces that it picked up on the way', async () => {
    for (const hand of [
      offer,
      { ...offer, kind: 'answer', to: 'CwoJCAcGBQQDAgEA', description: { type: 'answer', sdp: sdp.replace('actpass', 'active') } } as const,
    ]) {
      const text = await writeHandText(hand);
      const back = await readHandText(`\n ${text.replaceAll(/(.{70})/g, '$1\r\n ')} `);
      expect({ ...back, description: packDescription(back.description) }).toEqual({
        ...hand,
        description: packDescription(hand.description),
      });
    }
  });

  it('is refused with words when it is no such text, when a letter is wrong, and when its end is missing', async () => {
    const text = await writeHandText(offer);
    for (const rubbish of ['', 'hello', 'Conclave', 'https://chat.example/#x', 'x'.repeat(10_000)])
      await expect(readHandText(rubbish)).rejects.toThrow(RangeError);
    const letter = text.replace(text[40]!, text[40] === 'A' ? 'B' : 'A');
    for (const broken of [letter, text.slice(0, -1), text.slice(0, -8), text + text])
      await expect(readHandText(broken)).rejects.toThrow(RangeError);
  });
});
