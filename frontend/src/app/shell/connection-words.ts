import type { ConnectionView } from '../../../../libs/client/src/index.ts';
import { timing } from '../../../../libs/protocol/src/limits.ts';
import { t } from '../ui/language.ts';

/** What the banner says (MESH3): nothing for the first ten seconds, more after another ten. Null: no banner. */
export function connectionWords(view: ConnectionView, now: number): string | null {
  if (view.state === 'online' || view.state === 'private') return null;
  const away = now - view.since;
  if (away < timing.statusTextMs) return null;
  if (view.state === 'connecting') {
    return away < 2 * timing.statusTextMs
      ? t('Connecting to the server…')
      : t('Still no connection to the server. What you write is kept and goes out by itself; members reached directly get it now.');
  }
  const seconds = Math.max(0, Math.ceil((view.retryAt - now) / 1000));
  return `${t(reasons[view.reason])} ${seconds > 0 ? t('Trying again in {seconds} s.', { seconds }) : t('Trying again…')}`;
}

const reasons = {
  unreachable: 'The server cannot be reached. What you write is kept and goes out by itself.',
  'server-full': 'The server is full at the moment. What you write is kept.',
  restarting: 'The server is restarting.',
};
