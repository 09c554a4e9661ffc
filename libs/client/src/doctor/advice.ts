import type { Check, CheckName } from './checks.ts';

/* What each finding means, and who can mend it (MESH8). */
type Finding = Pick<Check, 'words' | 'mend'>;
type StateOf = (name: CheckName) => Check['state'];

export const noServer: Finding = {
  words: 'This site does not answer.',
  mend: {
    who: 'you',
    words:
      'Look whether other sites open. If they do, this one is down or your network bars it: tell its operator. Members who are connected to each other go on talking meanwhile.',
  },
};

export const noSocket: Finding = {
  words: 'The site answers, but its live connection does not open.',
  mend: {
    who: 'network',
    words:
      'A proxy or a firewall between here and the site cuts WebSockets. If it is so in every network, the operator’s own proxy must pass upgrades on for /socket (docs/operating.md, Proxy and TLS).',
  },
};

export const noWebRtc: Finding = {
  words: 'This browser has no WebRTC. Everything goes through the server’s relay, still sealed.',
  mend: { who: 'you', words: 'Use another browser, or switch WebRTC on: some browsers and extensions turn it off.' },
};

export const noLoop: Finding = {
  words: 'Two ends in this very browser could not connect to each other.',
  mend: {
    who: 'you',
    words: 'A browser extension, a VPN or a firewall on this computer bars WebRTC. Switch it off for this site, then try again.',
  },
};

export const noStunNamed: Finding = {
  words: 'This site names no STUN server. People in other networks are reached by TURN or relay.',
  mend: { who: 'operator', words: 'STUN=on and UDP port 3478 open to the internet, or STUN_URLS.' },
};

export function stunAnswers(translated: boolean): string {
  return translated ? 'It answers: other networks can find you.' : 'It answers: your address is the same from outside.';
}

/** What STUN's silence means depends on what else gets through. */
export function noStun(state: StateOf): Finding {
  const words = 'No STUN server answers, so you cannot be found directly from other networks.';
  if (state('turn-udp') === 'ok')
    return {
      words,
      mend: { who: 'operator', words: 'UDP gets through to TURN: look at STUN_URLS, STUN_PORT and the firewall before that port.' },
    };
  if (state('turn-tcp') === 'ok' || state('turn-tls') === 'ok')
    return {
      words,
      mend: { who: 'network', words: 'TURN works over TCP only: your network lets no UDP out. Ask for UDP to this site’s port 3478.' },
    };
  return {
    words,
    mend: {
      who: 'network',
      words:
        'Either your network or VPN lets no UDP out, or the site’s UDP port 3478 is closed. Try it over a phone’s network: if it fails there as well, tell the operator (STUN, STUN_PORT, STUN_URLS, firewall).',
    },
  };
}

export function noTurnNamed(transport: 'turn-udp' | 'turn-tcp' | 'turn-tls'): Finding {
  if (transport === 'turn-udp')
    return {
      words: 'This site names no TURN server over UDP. Where no direct way is found, the relay carries.',
      mend: { who: 'operator', words: 'TURN_URLS and TURN_SECRET, with coturn (docs/operating.md, TURN).' },
    };
  return {
    words: `This site names none: it helps only where ${transport === 'turn-tcp' ? 'UDP is' : 'all but TLS is'} blocked.`,
    mend: null,
  };
}

export function noTurn(transport: 'turn-udp' | 'turn-tcp' | 'turn-tls', error: number | null): Finding {
  if (error === 401 || error === 403 || error === 438)
    return {
      words: 'The TURN server refuses this site’s credentials.',
      mend: { who: 'operator', words: 'TURN_SECRET and coturn’s static-auth-secret differ, or the clocks of the two do.' },
    };
  if (error === 486 || error === 508)
    return {
      words: 'The TURN server has nothing left to lend.',
      mend: { who: 'operator', words: 'coturn’s quotas: user-quota, total-quota, or its ports.' },
    };
  const over = { 'turn-udp': 'UDP', 'turn-tcp': 'TCP', 'turn-tls': 'TLS' }[transport];
  return {
    words: `The TURN server does not answer over ${over}.`,
    mend: {
      who: 'network',
      words: `Your network or VPN may bar ${over} to its port. If it is so in every network, the operator should look whether coturn runs and its port is open (TURN_URLS).`,
    },
  };
}

export const noTurnLoop: Finding = {
  words: 'The TURN server lends addresses, but carries nothing between them.',
  mend: {
    who: 'operator',
    words: 'Open coturn’s relay ports (UDP 49152–65535) in its firewall, and set external-ip if it stands behind a NAT.',
  },
};

export function unexpected(error: unknown): Finding {
  const what = error instanceof Error ? error.message : String(error);
  return { words: `This browser refused to try: ${what}`, mend: { who: 'you', words: 'Reload the page, or try another browser.' } };
}

export function udp(state: StateOf): Finding & { state: 'ok' | 'failed' | 'none' } {
  const tried = (['stun', 'turn-udp'] as const).map(state);
  if (tried.includes('ok')) return { state: 'ok', words: 'UDP gets through, as calls and direct connections need it.', mend: null };
  if (!tried.includes('failed')) return { state: 'none', words: 'There is no server to try it with.', mend: null };
  return {
    state: 'failed',
    words: 'No UDP got through to this site.',
    mend: { who: 'network', words: 'Ask for UDP to be let out, at least to this site. Until then TURN over TCP or the relay carries.' },
  };
}

/** The whole in one sentence. */
export function verdict(state: StateOf, relay: boolean): string {
  const otherwise = relay ? 'the relay carries' : 'messages wait at their author';
  if (state('server') === 'failed' && state('webrtc') === 'ok')
    return 'The server cannot be reached. Members you are connected to directly still are; others get your messages when it is back.';
  if (state('server') === 'failed') return 'The server cannot be reached. What you write is kept and goes out by itself.';
  if (state('socket') === 'failed') return 'The site opens, but its live connection does not: nothing arrives until that is mended.';
  if (state('webrtc') === 'failed')
    return relay
      ? 'Messages get through, by the relay only: this browser cannot connect directly.'
      : 'Nothing gets through: this browser cannot connect directly, and this site has no relay.';
  const turn = (['turn-udp', 'turn-tcp', 'turn-tls'] as const).some((name) => state(name) === 'ok') && state('turn-loop') === 'ok';
  if (state('stun') === 'ok' && turn) return 'All is well: direct where the networks allow it, TURN where they do not.';
  if (state('stun') === 'ok') return `All is well for most networks: direct connections are possible; where they are not, ${otherwise}.`;
  if (turn) return 'Messages get through: over TURN rather than directly to people in other networks.';
  return `Direct connections work within this network only; to others, ${otherwise}.`;
}
