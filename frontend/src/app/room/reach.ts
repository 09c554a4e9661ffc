import type { MemberView, Reach, RosterView } from '../../../../libs/client/src/index.ts';
import type { IconName } from '../ui/icons.ts';
import { t } from '../ui/language.ts';

/** MESH7: how somebody is reached, by shape and words, not only by colour. */
const reaches: { [R in Reach]: { icon: IconName; words: string } } = {
  self: { icon: 'self', words: 'You' },
  direct: { icon: 'direct', words: 'Connected directly' },
  turn: { icon: 'turn', words: 'Connected through TURN' },
  relay: { icon: 'relay', words: 'Through the relay; still sealed' },
  connecting: { icon: 'connecting', words: 'Connecting; the relay carries meanwhile' },
  away: { icon: 'away', words: 'Away' },
};

export const reachIcon = (reach: Reach): IconName => reaches[reach].icon;

export function reachWords({ reach, waiting, joining, devices }: Pick<MemberView, 'reach' | 'waiting' | 'joining' | 'devices'>): string {
  if (joining) return t('Joining: waits for a member who is awake');
  const words = reach === 'self' && devices.length > 1 ? t('You, on {count} devices', { count: devices.length }) : t(reaches[reach].words);
  if (waiting === 0) return words;
  return waiting === 1 ? t('{words}, 1 message waits', { words }) : t('{words}, {waiting} messages wait', { words, waiting });
}

export function reachSummary({ direct, total }: Pick<RosterView, 'direct' | 'total'>): string {
  return total === 0 ? t('Only you here') : t('{direct} of {total} direct', { direct, total });
}
