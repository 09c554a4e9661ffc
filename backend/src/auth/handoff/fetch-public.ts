import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import { get as getPlain, type IncomingMessage } from 'node:http';
import { get as getSecure } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/*
 * Fetching what somebody else has named, from a machine that may reach what they may not. The origin is the operator's; the path is not. A name
 * that suddenly leads into this network is refused where it is connected to, not before: between two lookups it may change.
 */
const special = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24],
  ['192.0.2.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 3],
] as const) special.addSubnet(net, bits, 'ipv4'); // prettier-ignore
for (const [net, bits] of [['::', 127], ['64:ff9b::', 96], ['100::', 64], ['2001:db8::', 32], ['fc00::', 7], ['fe80::', 10], ['ff00::', 8]] as const)
  special.addSubnet(net, bits, 'ipv6'); // prettier-ignore

export const isPublic = (address: string): boolean => !special.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');

/** Names and addresses that say themselves that they are of one's own network: whoever configures one means it. */
const isOwnNetwork = (host: string): boolean =>
  isIP(host.replaceAll(/[[\]]/g, '')) !== 0 || !host.includes('.') || /\.(localhost|local|internal|lan|intranet|home\.arpa)$/.test(host);

/** How names become addresses: `dns.lookup`, but in tests. */
type Resolver = (host: string, options: LookupAllOptions, done: (error: Error | null, addresses: LookupAddress[]) => void) => void;

/** A look-up that finds public addresses only: the name is refused where it is connected to. */
export const publicOnly =
  (resolver: Resolver): LookupFunction =>
  (host, options, done) => {
    resolver(host, { ...options, all: true }, (error, addresses) => {
      const [first, ...more] = (addresses ?? []).filter(({ address }) => isPublic(address));
      if (error || !first) return done(error ?? new Error('it leads into a private network'), '', 0);
      if (options.all) return done(null, [first, ...more]);
      done(null, first.address, first.family);
    });
  };

/** At most `most` bytes, answered with 200 and without a redirect. Throws whatever goes wrong. */
export async function fetchPublic(url: URL, most: number, signal: AbortSignal, resolver: Resolver = lookup): Promise<Buffer> {
  const get = url.protocol === 'https:' ? getSecure : getPlain;
  const guarded = isOwnNetwork(url.hostname) ? {} : { lookup: publicOnly(resolver) };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { ...guarded, signal, agent: false, headers: { accept: 'image/*' } }, resolve).once('error', reject);
  });
  try {
    if (answer.statusCode !== 200) throw new Error(`it was answered with ${answer.statusCode}`);
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > most) throw new Error(`it is larger than ${most} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } finally {
    answer.destroy();
  }
}
