import { describe, expect, it } from 'vitest';
import { answerBinding } from './binding.ts';

/** The transaction of the samples in RFC 5769. */
const transaction = '2112a442b7e7a701bc34d686fa87dfae';
const request = (attributes = '') => {
  const length = (attributes.length / 2).toString(16).padStart(4, '0');
  return Buffer.from(`0001${length}${transaction}${attributes}`, 'hex');
};
const answered = (datagram: Buffer, address = '192.0.2.1', port = 32_853) => answerBinding(datagram, address, port)?.toString('hex');

describe('a STUN Binding request (RFC 8489)', () => {
  it('is answered with the address it came from: the IPv4 sample of RFC 5769 2.2', () => {
    expect(answered(request())).toBe(`0101000c${transaction}002000080001a147e112a643`);
  });

  it('is answered with the address it came from: the IPv6 sample of RFC 5769 2.3', () => {
    const mapped = '0002a1470113a9faa5d3f179bc25f4b5bed2b9d9';
    expect(answered(request(), '2001:db8:1234:5678:11:2233:4455:6677')).toBe(`01010018${transaction}00200014${mapped}`);
  });

  it('that came over IPv4 to a socket for both is answered with IPv4', () => {
    expect(answered(request(), '::ffff:192.0.2.1')).toBe(answered(request()));
  });

  it('may hold SOFTWARE and FINGERPRINT, which change nothing', () => {
    expect(answered(request('80220004746573748028000412345678'))).toBe(answered(request()));
  });

  it('with attributes that must be understood and are not is refused, naming them: 420', () => {
    expect(answered(request('002400046e0001ff'))).toBe(`01110010${transaction}0009000400000414000a000200240000`);
  });

  it('is answered with no more than 24 bytes beyond it, whatever it holds', () => {
    const many = Array.from({ length: 100 }, (_, i) => (0x0100 + i).toString(16).padStart(4, '0') + '0000').join('');
    for (const datagram of [request(), request('002400046e0001ff'), request(many), request('01000000')])
      for (const address of ['192.0.2.1', '2001:db8::1'])
        expect(answerBinding(datagram, address, 9)!.length).toBeLessThanOrEqual(datagram.length + 24);
  });
});

describe('anything else', () => {
  it('is met with silence', () => {
    const good = request('802200047465737480280004ffffffff');
    for (let length = 0; length < good.length; length++) expect(answered(good.subarray(0, length)), `${length} bytes`).toBeUndefined();
    const changed = (at: number, byte: number) => {
      const copy = Buffer.from(good);
      copy[at] = byte;
      return copy;
    };
    const strange = {
      'an answer': changed(0, 1),
      'an indication': changed(1, 0x11),
      'an Allocate request': changed(1, 3),
      'another cookie (RFC 3489)': changed(4, 0),
      'a wrong length': changed(3, 4),
      'an attribute that runs over': changed(23, 0xff),
      'more than a request needs': request('8022000074'.slice(0, 8).repeat(140)),
      'an answer of ours': answerBinding(good, '192.0.2.1', 1)!,
    };
    for (const [what, datagram] of Object.entries(strange)) expect(answered(datagram), what).toBeUndefined();
  });

  it('never throws, however short its attributes are', () => {
    for (let length = 4; length <= 64; length += 4)
      for (let byte = 0; byte < 256; byte++) expect(() => answered(request(Buffer.alloc(length, byte).toString('hex')))).not.toThrow();
  });
});
