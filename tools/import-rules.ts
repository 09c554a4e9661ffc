import { dirname, join, normalize } from 'node:path';

/*
 * Who may import whom (docs/architecture.md). A place is a folder of the tree; what it may import is listed, everything else is refused.
 * Tests and build scripts follow the same rules, except that a test may use what its subject may use plus its own helpers.
 */
export type Edge = { from: string; to: string };

const backendOrder = [
  'database',
  'presence',
  'stun',
  'users',
  'backups',
  'auth',
  'management',
  'rooms',
  'groups',
  'files',
  'signaling',
  'relay',
  'push',
  'moderation',
  'housekeeping',
  'gateway',
];
const clientMay: Record<string, string[]> = {
  'privacy.ts': ['storage', 'mesh'],
  private: ['room', 'delivery', 'sealing', 'storage', 'mesh'],
  site: ['room', 'sealing', 'storage', 'server', 'notify'],
  notify: ['room', 'sealing', 'storage'],
  room: ['delivery', 'sealing', 'storage', 'mesh', 'server', 'files'],
  files: ['storage', 'mesh', 'server'],
  search: ['room', 'storage'],
  archive: ['room', 'storage'],
  recovery: ['archive', 'sealing', 'storage', 'server'],
  delivery: [],
  mesh: ['delivery'],
  server: ['delivery', 'mesh'],
  sealing: ['storage'],
  storage: [],
};
/** Only these construct adapters and may know every part of the client. */
const clientWiring = new Set([
  'conclave.ts',
  'live',
  'browser.ts',
  'platform.ts',
  'linking.ts',
  'directory.ts',
  'account',
  'entry',
  'index.ts',
]);
const secretHalf = /^ts-mls|^@hpke\//;

/** The rule an import breaks, or null. Paths are relative to the root, with `/`. `to` is a path, or a package name. */
export function brokenRule({ from, to }: Edge): string | null {
  const test = /\.test\.ts$|\/testing\//.test(from);
  if (from.startsWith('libs/protocol/'))
    return local(to) ? within(to, ['libs/protocol/']) : test ? null : onlyPackages(to, /^zod$/, 'protocol');
  if (from.startsWith('libs/mls-wire/')) return local(to) ? within(to, ['libs/mls-wire/', 'libs/protocol/']) : null;
  if (from.startsWith('libs/api-client/'))
    return local(to) ? within(to, ['libs/api-client/']) : onlyPackages(to, /^openapi-fetch$/, 'the REST client');
  if (from.startsWith('libs/client/')) return clientRule(from, to, test);
  if (from.startsWith('backend/')) return backendRule(from, to, test);
  if (from.startsWith('frontend/')) return frontendRule(from, to);
  return null;
}

function clientRule(from: string, to: string, test: boolean): string | null {
  if (!local(to)) {
    if (/^@angular|^@nestjs/.test(to)) return 'the client core knows no framework';
    if (secretHalf.test(to) && !from.startsWith('libs/client/src/sealing/')) return 'only sealing/ touches the MLS library';
    return null;
  }
  if (to.startsWith('libs/protocol/') || (to.startsWith('libs/mls-wire/') && from.startsWith('libs/client/src/sealing/'))) return null;
  if (!to.startsWith('libs/client/')) return 'the client core imports protocol and, for sealing, mls-wire';
  const [source, target] = [place(from, 'libs/client/src/'), place(to, 'libs/client/src/')];
  // views/ is what a face of the product sees: it names the public types of every part.
  if (test || clientWiring.has(source) || source === target || source === 'views') return null;
  if (clientWiring.has(target)) return `${target} connects the parts: no part may know it`;
  if (!(target in clientMay)) return null; // small pieces beside the folders: cell, emitter, back-off
  return clientMay[source]?.includes(target) ? null : `client: ${source} may not import ${target}`;
}

function backendRule(from: string, to: string, test: boolean): string | null {
  if (!local(to)) return secretHalf.test(to) && !test ? 'the server holds no MLS secrets: go through mls-wire' : null;
  const source = place(from, 'backend/src/');
  if (to.startsWith('libs/protocol/')) return null;
  if (to.startsWith('libs/mls-wire/')) return source === 'groups' || test ? null : 'only groups/ reads MLS';
  if (to.startsWith('libs/client/') || to.startsWith('libs/api-client/')) return test ? null : 'backend and client never meet';
  if (!to.startsWith('backend/')) return 'the backend imports protocol and mls-wire';
  const target = place(to, 'backend/src/');
  if (test || source === target) return null;
  const [a, b] = [backendOrder.indexOf(source), backendOrder.indexOf(target)];
  if (a < 0) return null; // app.module, main and the few files beside them
  if (b < 0) return /^(app\.module|main)\.ts$/.test(target) ? 'nobody imports the top' : null;
  if (source === 'relay' && target === 'signaling') return 'signaling and relay do not know each other';
  return b < a ? null : `backend: ${source} stands left of ${target}`;
}

function frontendRule(from: string, to: string): string | null {
  if (!local(to)) return secretHalf.test(to) ? 'the frontend seals nothing by itself' : null;
  if (to.startsWith('backend/') || to.startsWith('cli/')) return 'the frontend meets the server on the wire only';
  if (to.startsWith('libs/mls-wire/')) return 'the frontend imports client and protocol';
  const features = [
    'room',
    'directory',
    'search',
    'share',
    'files',
    'call',
    'account',
    'history',
    'people',
    'console',
    'connection',
    'notices',
    'shell',
  ];
  const [source, target] = [place(from, 'frontend/src/app/'), place(to, 'frontend/src/app/')];
  const isLazyRoute = from.endsWith('app.routes.ts') || from.startsWith('frontend/src/dev/');
  if (isLazyRoute || source === target || !features.includes(target) || !to.startsWith('frontend/')) return null;
  if (source === 'app.ts' || source === 'app.config.ts') return target === 'shell' ? null : 'routes join the features';
  return `frontend: ${source} may not import ${target}`;
}

/** Resolves a relative specifier against its file; package names stay as they are. */
export function resolveImport(file: string, specifier: string): string {
  return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)) : specifier;
}

/** Every import cycle, each once, as the list of its files. */
export function findCycles(edges: Edge[]): string[][] {
  const graph = new Map<string, string[]>();
  for (const { from, to } of edges) if (local(to)) graph.set(from, [...(graph.get(from) ?? []), to]);
  const cycles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) return void cycles.push(path.slice(at));
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return cycles;
}

const local = (to: string) => /^(libs|backend|frontend|cli|e2e|bench|tools)\//.test(to);
const place = (path: string, root: string) => path.slice(root.length).split('/')[0]!;
const within = (to: string, roots: string[]) =>
  roots.some((root) => to.startsWith(root)) ? null : `may import ${roots.join(' and ')} only`;
const onlyPackages = (to: string, allowed: RegExp, who: string) =>
  allowed.test(to) ? null : `${who} imports ${allowed.source.replaceAll(/[\^$]/g, '')} only`;
