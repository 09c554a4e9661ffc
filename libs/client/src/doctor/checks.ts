/*
 * The connection doctor (MESH8): what was tried, how it went, and who can mend it. Words are for people; addresses stand apart, so that a
 * report can be passed on without them.
 */
export type CheckName = 'server' | 'socket' | 'webrtc' | 'stun' | 'turn-udp' | 'turn-tcp' | 'turn-tls' | 'turn-loop' | 'udp';

/** Who can mend it: whoever sits here, whoever runs the network here, or whoever runs this site. */
export type Mender = 'you' | 'network' | 'operator';

export type Check = {
  name: CheckName;
  title: string;
  /** `none`: there is nothing to try; that may be worth mending as well. */
  state: 'waiting' | 'running' | 'ok' | 'failed' | 'none';
  /** How long it took, ms; null when it did not come to an end. */
  ms: number | null;
  words: string;
  mend: { who: Mender; words: string } | null;
  /** Servers asked and addresses seen. */
  addresses: string[];
};

export type Examination = { checks: Check[]; done: boolean; verdict: string };

/** In the order in which they are tried and shown. */
export const titles: { [N in CheckName]: string } = {
  server: 'The site answers',
  socket: 'Live connection (WebSocket)',
  webrtc: 'WebRTC in this browser',
  stun: 'STUN: how you look from outside',
  'turn-udp': 'TURN over UDP',
  'turn-tcp': 'TURN over TCP',
  'turn-tls': 'TURN over TLS',
  'turn-loop': 'A message through TURN',
  udp: 'UDP to the internet',
};

export function untried(name: CheckName): Check {
  return { name, title: titles[name], state: 'waiting', ms: null, words: '', mend: null, addresses: [] };
}

const menders: { [W in Mender]: string } = {
  you: 'You can mend it',
  network: 'The administrator of your network can mend it',
  operator: 'The operator of this site can mend it',
};

/** For a heading over the advice. */
export function whoMends(who: Mender): string {
  return menders[who];
}

/** The whole examination as text to pass on; with `addresses` also what it says about where one is. */
export function reportOf({ checks, verdict }: Examination, when: Date, addresses: boolean): string {
  const lines = checks.map(({ title, state, ms, words, mend, addresses: seen }) => {
    const time = ms === null ? '' : `, ${Math.round(ms)} ms`;
    const advice = mend ? `\n    ${menders[mend.who]}: ${mend.words}` : '';
    const where = addresses && seen.length > 0 ? `\n    ${seen.join(', ')}` : '';
    return `- ${title}: ${state}${time}\n    ${words}${advice}${where}`;
  });
  return [`Connection report, ${when.toISOString()}`, verdict, '', ...lines, ''].join('\n');
}
