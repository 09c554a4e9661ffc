/** True when either end of the path a connection has chosen is a TURN relay. */
export async function overTurn(connection: RTCPeerConnection): Promise<boolean> {
  const stats = await connection.getStats();
  const byId = new Map<string, Record<string, unknown>>();
  stats.forEach((entry: Record<string, unknown> & { id: string }) => byId.set(entry.id, entry));
  const transport = [...byId.values()].find((entry) => entry['type'] === 'transport');
  const pair = byId.get(String(transport?.['selectedCandidatePairId']));
  return ['localCandidateId', 'remoteCandidateId'].some((end) => byId.get(String(pair?.[end]))?.['candidateType'] === 'relay');
}
