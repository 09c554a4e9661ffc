import type { OnlineDevice } from '../../../libs/protocol/src/index.ts';
import type { Connection } from './connection.ts';

/** Others hear of it. Whoever is invisible is there for signals, envelopes and commits as everybody is, and is named to nobody. */
export const isShown = ({ status }: Connection): boolean => status.status !== 'invisible';

/** A device as others are told of it. What is usual is left out: most are online and say nothing. */
export function appearance({ speaker, status, idle }: Connection): OnlineDevice {
  const { user, device } = speaker!;
  const { status: chosen, text, until } = status;
  const shown = chosen === 'online' || chosen === 'invisible' ? (idle ? 'away' : 'online') : chosen;
  const over = until !== null && until <= Date.now();
  return {
    device,
    user,
    ...(shown === 'online' ? {} : { status: shown }),
    ...(text === '' || over ? {} : { text, ...(until === null ? {} : { until }) }),
  };
}
