import type { FileComing, FileGoing, FileRoute, FileView } from '../../../../../libs/client/src/index.ts';
import { t } from '../../ui/language.ts';
import { sizeWords } from '../../ui/sizes.ts';

/** "2:05" */
export function timeWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export const percent = (done: number, of: number): number => (of > 0 ? Math.min(100, Math.floor((done / of) * 100)) : 0);

function routeWords(route: FileRoute): string {
  if (route === 'direct') return t('directly');
  return route === 'turn' ? t('by a TURN server') : t('from the server, sealed');
}

/** How far it is on its way here. */
export function comingWords(coming: FileComing, size: number): string {
  switch (coming.state) {
    case 'coming':
      return t('{percent} %, {rate}/s, {route}', {
        percent: percent(coming.have, size),
        rate: sizeWords(coming.rate),
        route: routeWords(coming.route),
      });
    case 'waiting':
      return t('Nobody who has it can be reached now. It comes as soon as somebody can.');
    case 'checking':
      return t('Checking that it is what was sent…');
    case 'failed':
      return coming.why === 'damaged'
        ? t('What came was not what was sent, so it was thrown away.')
        : t('This device has no room left for it. Free some space, then try again.');
    case 'here':
    case 'absent':
      return '';
  }
}

/** Who is being given it, and how fast. */
export function goingWords({ to, at, rate, route }: FileGoing, size: number): string {
  const values = { percent: percent(at, size), rate: sizeWords(rate) };
  if (to === null) return t('To the server, sealed, for who is away: {percent} %, {rate}/s', values);
  return t('To {name}: {percent} %, {rate}/s, {route}', { ...values, name: to, route: routeWords(route) });
}

/** What is worth saying of one's own file when nothing moves. */
export function keptWords({ withheld, stored }: FileView): string {
  if (withheld) return t('You give it to nobody any more.');
  if (stored === 'owed') return t('Somebody is away: it goes to the server, sealed, as soon as it can be reached.');
  if (stored === 'yes') return t('It waits at the server, sealed, for who is away.');
  return stored === 'refused' ? t('It is too large to wait at the server: it goes directly only, while you are here.') : '';
}
