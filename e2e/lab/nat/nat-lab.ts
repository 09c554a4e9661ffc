import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needChromium } from '../../../tools/chromium.ts';
import { needProgram } from '../debian.ts';
import { Namespaces } from './namespaces.ts';
import { firewallRules, natRules, type Firewall, type NatKind } from './rules.ts';
import { Wire, type Line } from './wire.ts';

/** Public addresses, as coturn's shipped configuration refuses every special range. Nothing leads out of the laboratory. */
const NET = '11.0.0';
export const PUBLIC = `${NET}.10`;
const SINK = `${NET}.254`;
export const WEB_PORT = 8080;

type Site = { host: string; router: string; wire: Wire; number: number; address: string; nat: NatKind };

/**
 * Hosts behind a NAT router each, and a public host, joined by a bridge:
 *
 *     host ── veth ── router (NAT, firewall) ── wire (delay, loss, rate) ── world ── veth ── public
 */
export class NatLab {
  readonly #sites: Site[] = [];
  readonly #dir = mkdtempSync(join(tmpdir(), 'conclave-natlab-'));
  readonly #world: string;
  readonly #public: string;

  private constructor(private readonly spaces: Namespaces) {
    this.#world = spaces.add('world');
    this.#public = spaces.add('public');
    spaces.run(this.#world, 'link', 'add', 'bridge', 'type', 'bridge');
    spaces.run(this.#world, 'link', 'set', 'bridge', 'up');
    // Somewhere for packets to nowhere: with no route at all, or a blackhole, coturn falls silent.
    spaces.run(this.#world, 'addr', 'add', `${SINK}/24`, 'dev', 'bridge');
    spaces.run(this.#world, 'link', 'add', 'public', 'type', 'veth', 'peer', 'name', 'wan', 'netns', this.#public);
    spaces.run(this.#world, 'link', 'set', 'public', 'master', 'bridge', 'up');
    spaces.run(this.#public, 'addr', 'add', `${PUBLIC}/24`, 'dev', 'wan');
    spaces.run(this.#public, 'link', 'set', 'wan', 'up');
    spaces.run(this.#public, 'route', 'add', 'default', 'via', SINK);
  }

  /** As many hosts as NATs are named. */
  static async up(...nats: NatKind[]): Promise<NatLab> {
    const lab = new NatLab(new Namespaces());
    try {
      for (const nat of nats) await lab.#build(nat);
    } catch (error) {
      await lab.down();
      throw error;
    }
    return lab;
  }

  async down(): Promise<void> {
    for (const { wire } of this.#sites) await wire.remove();
    this.spaces.remove();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  /** For commands at the public host. */
  get atPublic(): [string, ...string[]] {
    return this.spaces.within(this.#public);
  }

  /** Waits until somebody listens on this port of the public host. */
  async listens(protocol: 'tcp' | 'udp', port: number, ms = 10_000): Promise<void> {
    const look = ['ss', '-Hln', protocol === 'tcp' ? '-t' : '-u', `sport = :${port}`];
    for (const until = Date.now() + ms; Date.now() < until;) {
      if (this.spaces.inside(this.#public, look).trim()) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`nobody listens on ${protocol} ${port} after ${ms} ms`);
  }

  /** A program that is Chromium on this host. */
  browser(host: number): string {
    const path = join(this.#dir, `chromium-${host}`);
    writeFileSync(path, `#!/bin/sh\nexec ${this.spaces.within(this.#site(host).host).join(' ')} ${needChromium()} "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  nat(host: number, kind: NatKind): void {
    const site = this.#site(host);
    site.nat = kind;
    this.#rule(site, natRules(kind, site.address));
  }

  firewall(host: number, wall: Firewall): void {
    this.#rule(this.#site(host), firewallRules(wall, WEB_PORT));
  }

  /** The way between the host's router and the world. 100 % loss is a pulled cable that nobody is told about. */
  line(host: number, line: Line): void {
    this.#site(host).wire.become(line);
  }

  /** The host's own link goes down, and comes back with another address: another network. */
  async move(host: number, downMs: number): Promise<void> {
    const site = this.#site(host);
    this.spaces.run(site.host, 'link', 'set', 'eth', 'down');
    await new Promise((resolve) => setTimeout(resolve, downMs));
    this.spaces.run(site.host, 'addr', 'flush', 'dev', 'eth');
    site.address = `10.0.${site.number}.${site.address.endsWith('.2') ? 77 : 2}`;
    this.nat(host, site.nat);
    this.#plug(site);
  }

  async #build(nat: NatKind): Promise<void> {
    const { spaces } = this;
    const number = this.#sites.length + 1;
    const [host, router] = [spaces.add(`host${number}`), spaces.add(`router${number}`)];
    const ends = [
      { namespace: router, interface: 'wan' },
      { namespace: this.#world, interface: `site${number}` },
    ] as const;
    const site = { host, router, wire: await Wire.between(...ends), number, address: `10.0.${number}.2`, nat };
    this.#sites.push(site);
    spaces.run(this.#world, 'link', 'set', `site${number}`, 'master', 'bridge', 'up');
    spaces.run(router, 'addr', 'add', `${NET}.${number}/24`, 'dev', 'wan');
    spaces.run(router, 'link', 'set', 'wan', 'up');
    spaces.run(router, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth', 'netns', host);
    spaces.run(router, 'addr', 'add', `10.0.${number}.1/24`, 'dev', 'lan');
    spaces.run(router, 'link', 'set', 'lan', 'up');
    spaces.inside(router, ['sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward']);
    this.nat(number - 1, nat);
    this.firewall(number - 1, 'open');
    this.#plug(site);
  }

  #plug({ host, number, address }: Site): void {
    this.spaces.run(host, 'addr', 'add', `${address}/24`, 'dev', 'eth');
    this.spaces.run(host, 'link', 'set', 'eth', 'up');
    this.spaces.run(host, 'route', 'add', 'default', 'via', `10.0.${number}.1`);
  }

  #site(host: number): Site {
    const site = this.#sites[host];
    if (!site) throw new RangeError(`there is no host ${host} in this laboratory`);
    return site;
  }

  #rule({ router }: Site, rules: string): void {
    this.spaces.inside(router, [needProgram('nft'), '-f', '-'], rules);
  }
}
