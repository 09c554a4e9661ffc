import type { Standing } from '../../../../libs/client/src/index.ts';
import type { ChosenStatus } from '../../../../libs/protocol/src/status.ts';
import { t } from './language.ts';

const words: { [S in Standing['status'] | ChosenStatus]: string } = {
  online: 'Online',
  away: 'Away',
  busy: 'Busy',
  dnd: 'Do not disturb',
  invisible: 'Invisible',
  offline: 'Offline',
};

/** Whether somebody is there (PRES1), with what they say of it. */
export function statusWords(status: Standing['status'] | ChosenStatus, text = ''): string {
  return text === '' ? t(words[status]) : t('{status}: {text}', { status: t(words[status]), text });
}
