import { untried, type Check, type Examination } from '../../../libs/client/src/doctor/checks.ts';

const findings: Partial<Check>[] = [
  { name: 'server', state: 'ok', ms: 41, words: 'It can be reached.' },
  { name: 'socket', state: 'ok', ms: 63, words: 'What others write reaches you at once.' },
  { name: 'webrtc', state: 'ok', ms: 118, words: 'This browser can connect directly.' },
  {
    name: 'stun',
    state: 'failed',
    words: 'No STUN server answers, so you cannot be found directly from other networks.',
    mend: { who: 'network', words: 'TURN works over TCP only: your network lets no UDP out. Ask for UDP to this site’s port 3478.' },
    addresses: ['stun:chat.example.org:3478'],
  },
  {
    name: 'turn-udp',
    state: 'failed',
    words: 'The TURN server does not answer over UDP.',
    mend: { who: 'network', words: 'Your network or VPN may bar UDP to its port.' },
  },
  { name: 'turn-tcp', state: 'ok', ms: 262, words: 'The TURN server lends an address.', addresses: ['198.51.100.9:49170'] },
  { name: 'turn-tls', state: 'none', words: 'This site names none: it helps only where all but TLS is blocked.' },
  { name: 'turn-loop', state: 'ok', ms: 341, words: 'A message went through the TURN server and came back.' },
  {
    name: 'udp',
    state: 'failed',
    words: 'No UDP got through to this site.',
    mend: { who: 'network', words: 'Ask for UDP to be let out, at least to this site. Until then TURN over TCP or the relay carries.' },
  },
];

/** An examination of a network that lets no UDP out. */
export async function previewExamination(tell: (examination: Examination) => void): Promise<Examination> {
  const checks = findings.map(({ name }) => untried(name!));
  for (const [index, finding] of findings.entries()) {
    checks[index] = { ...checks[index]!, state: 'running' };
    tell({ checks: [...checks], done: false, verdict: '' });
    await new Promise((resolve) => setTimeout(resolve, 150));
    checks[index] = { ...checks[index]!, ...finding };
  }
  const done = { checks, done: true, verdict: 'Messages get through: over TURN rather than directly to people in other networks.' };
  tell(done);
  return done;
}
