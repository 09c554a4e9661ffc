import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, isIPv6 } from 'node:net';

const named: Record<string, string[]> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** Which neighbours may say on whose behalf they ask. */
export class TrustedProxies {
  readonly #list = new BlockList();

  constructor(entries: string[]) {
    for (const entry of entries.flatMap((name) => named[name] ?? [name])) {
      const [address = '', bits] = entry.split('/');
      const family = isIPv6(address) ? 'ipv6' : 'ipv4';
      this.#list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
    }
  }

  readonly trusts = (address: string): boolean => {
    const plain = address.replace(/^::ffff:/, '');
    return isIP(plain) !== 0 && this.#list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
  };

  /** The nearest address that no trusted proxy vouches for. */
  addressOf(request: IncomingMessage): string {
    const header = request.headers['x-forwarded-for'];
    const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => hop.trim());
    let address = request.socket.remoteAddress ?? '';
    while (this.trusts(address) && hops.length > 0) {
      const next = hops.pop()!;
      if (isIP(next) === 0) break;
      address = next;
    }
    return address;
  }
}
