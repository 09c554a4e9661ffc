import { bytesToUuid, uuidToBytes } from '../../../protocol/src/index.ts';

/*
 * A session description of one data channel as few bytes, so that offer and answer fit a QR code: of the SDP only what differs from
 * link to link is carried, and the rest is written anew by whoever reads it.
 *
 *   setup 1 | fingerprint 32 | mid, ufrag, pwd: length 1 and ASCII each | candidates
 *   candidate   type (bits 0–1: host, srflx, relay) and address (bits 2–3: IPv4, IPv6, mDNS name) 1 | port u16 | address 4 or 16
 */
const setups = ['actpass', 'active', 'passive'] as const;
const types = ['host', 'srflx', 'relay'] as const;
/** RFC 8445 5.1.2.2: how much an address of each type is preferred. */
const preferences = { host: 126, srflx: 100, relay: 2 } as const;
const candidatesMax = 16;

type Candidate = { type: (typeof types)[number]; address: string; port: number };
export type Description = { type: 'offer' | 'answer'; sdp: string };

/** Throws RangeError when this is not the description of one data channel. UDP candidates only: browsers gather no others that help. */
export function packDescription({ sdp }: Description): Uint8Array<ArrayBuffer> {
  const value = (name: string) => {
    const match = new RegExp(`^a=${name}:(.+?)\\s*$`, 'm').exec(sdp);
    if (!match) throw new RangeError(`no ${name} in the description`);
    return match[1]!;
  };
  const print = value('fingerprint');
  const setup = setups.indexOf(value('setup') as (typeof setups)[number]);
  if (!/^sha-256 /i.test(print) || setup < 0) throw new RangeError('a description of another kind');
  const hex = print.slice(8).replaceAll(':', '');
  const fingerprint = Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
  const texts = ['mid', 'ice-ufrag', 'ice-pwd'].map((name) => new TextEncoder().encode(value(name)));
  if (texts.some(({ length }) => length > 255)) throw new RangeError('too long');
  const parts = [
    new Uint8Array([setup]),
    fingerprint,
    ...texts.flatMap((text) => [new Uint8Array([text.length]), text]),
    ...candidatesOf(sdp).map(packCandidate),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Throws RangeError on anything that is not a packed description. */
export function unpackDescription(type: Description['type'], bytes: Uint8Array): Description {
  const reader = new Reader(bytes);
  const setup = setups[reader.take(1)[0]!];
  const fingerprint = [...reader.take(32)].map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':');
  const [mid, ufrag, pwd] = [token(reader), token(reader), token(reader)];
  if (!setup) throw new RangeError('a description of another kind');
  const candidates: Candidate[] = [];
  while (!reader.done && candidates.length < candidatesMax) candidates.push(unpackCandidate(reader));
  return { type, sdp: write({ setup, fingerprint, mid, ufrag, pwd, candidates }) };
}

type Parts = { setup: string; fingerprint: string; mid: string; ufrag: string; pwd: string; candidates: Candidate[] };

function write({ setup, fingerprint, mid, ufrag, pwd, candidates }: Parts): string {
  const lines = [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mid}`,
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    ...candidates.map(({ type, address, port }, i) => {
      const priority = preferences[type] * 2 ** 24 + (65_535 - i) * 2 ** 8 + 255;
      const related = type === 'host' ? '' : ' raddr 0.0.0.0 rport 0';
      return `a=candidate:${i + 1} 1 udp ${priority} ${address} ${port} typ ${type}${related}`;
    }),
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${fingerprint}`,
    `a=setup:${setup}`,
    `a=mid:${mid}`,
    'a=sctp-port:5000',
    'a=max-message-size:262144',
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function candidatesOf(sdp: string): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const [, address, port, type] of sdp.matchAll(/^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ (host|srflx|relay)/gim)) {
    const candidate = { type: type!.toLowerCase() as Candidate['type'], address: address!, port: Number(port) };
    if (kindOf(candidate.address) !== null) found.set(JSON.stringify(candidate), candidate);
  }
  return [...found.values()].slice(0, candidatesMax);
}

/** 0 IPv4, 1 IPv6, 2 an mDNS name as browsers make them; null: something else, which is left out. */
function kindOf(address: string): 0 | 1 | 2 | null {
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return 0;
  if (/^[0-9a-f-]{36}\.local$/.test(address)) return 2;
  return /^[0-9a-f:]+$/i.test(address) && address.includes(':') ? 1 : null;
}

function packCandidate({ type, address, port }: Candidate): Uint8Array {
  const kind = kindOf(address)!;
  const bytes = kind === 0 ? address.split('.').map(Number) : kind === 1 ? ipv6(address) : [...uuidToBytes(address.slice(0, 36))];
  return new Uint8Array([types.indexOf(type) | (kind << 2), port >> 8, port & 255, ...bytes]);
}

function unpackCandidate(reader: Reader): Candidate {
  const [head, high, low] = reader.take(3) as unknown as [number, number, number];
  const type = types[head & 3];
  const kind = head >> 2;
  if (!type || kind > 2) throw new RangeError('a candidate of another kind');
  const bytes = reader.take(kind === 0 ? 4 : 16);
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  const address = kind === 0 ? bytes.join('.') : kind === 1 ? groups.join(':') : `${bytesToUuid(bytes)}.local`;
  return { type, address, port: (high << 8) | low };
}

/** Its 16 bytes; browsers write IPv6 without embedded IPv4. */
function ipv6(address: string): number[] {
  const [left = '', right] = address.split('::');
  const groups = (text: string) => (text ? text.split(':') : []);
  const [before, after] = [groups(left), groups(right ?? '')];
  const middle = right === undefined ? [] : Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0');
  const all = [...before, ...middle, ...after].map((group) => Number.parseInt(group, 16));
  return all.slice(0, 8).flatMap((group) => [group >> 8, group & 255]);
}

/** No line break: a text from elsewhere must not write lines of its own into the description. */
function token(reader: Reader): string {
  const text = new TextDecoder().decode(reader.take(reader.take(1)[0]!));
  if (!/^[\w+/=-]+$/.test(text)) throw new RangeError('not a token of ICE');
  return text;
}

class Reader {
  #at = 0;
  constructor(private readonly bytes: Uint8Array) {}

  get done(): boolean {
    return this.#at === this.bytes.length;
  }
  take(length: number): Uint8Array {
    if (this.#at + length > this.bytes.length) throw new RangeError('the description ends too early');
    return this.bytes.subarray(this.#at, (this.#at += length));
  }
}
