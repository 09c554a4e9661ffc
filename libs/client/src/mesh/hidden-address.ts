/*
 * Never show my address to members (MESH10): a connection that only a TURN server's address leaves for. The browser is asked for it, and
 * what it says is read again here before it goes out: a candidate of another type, or the address behind a relay, never leaves.
 */
const turn = /^turns?:/;

/** The same servers with relayed candidates only; null when there is no TURN server, so that nothing can be made without an address. */
export function relayedOnly(configuration: RTCConfiguration): RTCConfiguration | null {
  const servers = (configuration.iceServers ?? []).filter(({ urls }) => [urls].flat().some((url) => turn.test(url)));
  return servers.length > 0 ? { ...configuration, iceServers: servers, iceTransportPolicy: 'relay' } : null;
}

/** A candidate as it may leave, or null when it may not. */
export function hideCandidate(candidate: string): string | null {
  if (!/ typ relay( |$)/.test(candidate)) return null;
  return candidate.replace(/ raddr \S+/, ' raddr 0.0.0.0').replace(/ rport \S+/, ' rport 0');
}

/** A description as it may leave. */
export function hideDescription(sdp: string): string {
  const lines = sdp.split(/\r\n|\n/).flatMap((line) => {
    if (line.startsWith('a=candidate:')) return hideCandidate(line) ?? [];
    if (line.startsWith('c=IN ')) return 'c=IN IP4 0.0.0.0';
    if (line.startsWith('m=application ')) return line.replace(/^m=application \d+/, 'm=application 9');
    return line.startsWith('o=') ? line.replace(/IN IP[46] \S+$/, 'IN IP4 127.0.0.1') : line;
  });
  return lines.join('\r\n');
}
