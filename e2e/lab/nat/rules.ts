/* What a host's router does, as nftables rules. `wan` is its side of the world, `lan` its side of the host. */

/**
 * `cone`: one mapping for all, and whoever knows it may enter. `port-restricted`: the same mapping, but only who was spoken to may
 * answer. `symmetric`: a mapping of its own for each destination, so that what STUN saw is of no use to anybody else.
 */
export type NatKind = 'cone' | 'port-restricted' | 'symmetric';

/** What may pass: everything; no UDP; nothing but the web (TCP to the server, not to TURN). */
export type Firewall = 'open' | 'no-udp' | 'web-only';

const masquerade: { [K in NatKind]: string[] } = {
  // Linux keeps the port where it can, and so maps alike for every destination.
  cone: ['oifname "wan" masquerade'],
  'port-restricted': ['oifname "wan" masquerade'],
  symmetric: ['oifname "wan" meta l4proto udp masquerade fully-random', 'oifname "wan" masquerade'],
};

export function natRules(kind: NatKind, host: string): string {
  const open = kind === 'cone';
  return table('nat', [
    chain('leaving', 'nat', 'postrouting', 'srcnat', masquerade[kind]),
    chain('arriving', 'nat', 'prerouting', 'dstnat', open ? [`iifname "wan" meta l4proto udp dnat to ${host}`] : []),
    // An uninvited packet that reaches the router itself would take the port in its tables, and the host's own mapping another one.
    chain('own', 'filter', 'input', 'filter', ['iifname "wan" ct state new drop']),
    chain('through', 'filter', 'forward', 'filter', open ? [] : ['iifname "wan" ct state new drop']),
  ]);
}

export function firewallRules(wall: Firewall, webPort: number): string {
  const walls: { [W in Firewall]: string[] } = {
    open: [],
    'no-udp': ['meta l4proto udp drop'],
    'web-only': ['meta l4proto udp drop', `iifname "lan" tcp dport != ${webPort} drop`, `iifname "wan" tcp sport != ${webPort} drop`],
  };
  return table('wall', [chain('through', 'filter', 'forward', '-10', walls[wall])]);
}

/** Replaces the table as a whole, in one step. */
function table(name: string, chains: string[]): string {
  return `table ip ${name}\ndelete table ip ${name}\ntable ip ${name} {\n${chains.join('\n')}\n}\n`;
}

function chain(name: string, type: string, hook: string, priority: string, rules: string[]): string {
  return `chain ${name} {\ntype ${type} hook ${hook} priority ${priority};\n${rules.join('\n')}\n}`;
}
