/* Both run inside a page, so neither may use anything outside itself. */

export type Path = { local: string; remote: string; protocol: string };
declare global {
  /** Every connection the page made, closed ones too. */
  var labConnections: RTCPeerConnection[];
}

/** Before the app: remembers what connections it makes. */
export function countPaths(): void {
  const Native = globalThis.RTCPeerConnection;
  globalThis.labConnections = [];
  globalThis.RTCPeerConnection = class extends Native {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      globalThis.labConnections.push(this);
    }
  };
}

/** The kinds of candidates that each open connection has chosen. */
export async function pathOf(): Promise<Path[]> {
  const paths: Path[] = [];
  for (const connection of globalThis.labConnections) {
    if (connection.connectionState !== 'connected') continue;
    const entries = new Map<string, Record<string, string>>();
    (await connection.getStats()).forEach((entry: Record<string, string>) => entries.set(entry['id']!, entry));
    const transport = [...entries.values()].find((entry) => entry['type'] === 'transport');
    const pair = entries.get(transport?.['selectedCandidatePairId'] ?? '');
    const [local, remote] = [entries.get(pair?.['localCandidateId'] ?? ''), entries.get(pair?.['remoteCandidateId'] ?? '')];
    if (local && remote)
      paths.push({
        local: local['candidateType']!,
        remote: remote['candidateType']!,
        protocol: local['relayProtocol'] ?? local['protocol']!,
      });
  }
  return paths;
}
