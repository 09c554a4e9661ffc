import type { Notice } from '../../../../libs/client/src/index.ts';
import type { IconName } from '../ui/icons.ts';
import { lengthWords, untilWords } from '../ui/until-words.ts';
import { languageTag, t } from '../ui/language.ts';

type Kind = Notice['kind'];

const icons: { [K in Kind]: IconName } = {
  founded: 'door',
  joined: 'invite',
  left: 'leave',
  'device-added': 'device',
  'key-changed': 'key',
  gap: 'warning',
  undecryptable: 'lock',
  equivocation: 'warning',
  beginning: 'lock',
  split: 'warning',
  act: 'shield',
  settings: 'clock',
  'password-changed': 'key',
  newcomers: 'people',
  'history-shown': 'clock',
  'private-begun': 'private',
  'private-ended': 'door',
  'private-declined': 'private',
  'private-off': 'private',
  'private-others': 'private',
};

export const noticeIcon = (kind: Kind): IconName => icons[kind];

/** True for what deserves a second look: shown in amber. */
export const isGrave = (kind: Kind): boolean =>
  kind === 'key-changed' || kind === 'gap' || kind === 'undecryptable' || kind === 'equivocation' || kind === 'split';

/** "Ann, Bob and Cyd". */
export const listed = (list: readonly string[]): string => new Intl.ListFormat(languageTag(), { type: 'conjunction' }).format(list);

const messages = (count: number): string => (count === 1 ? t('1 message') : t('{count} messages', { count }));

export function noticeWords(notice: Notice): string {
  switch (notice.kind) {
    case 'founded':
      return t('{name} opened this room', { name: notice.name });
    case 'joined':
      return t('{name} joined', { name: notice.name });
    case 'left':
      return t('{name} left', { name: notice.name });
    case 'device-added':
      return t('{name} added a device', { name: notice.name });
    case 'key-changed':
      return t('{name} has a new account key. Ask them, in person or by phone, whether they reset it.', { name: notice.name });
    case 'gap':
      return notice.asked
        ? t('{messages} from {name} missing. The others have been asked; it arrives when one of them has it.', {
            messages: messages(notice.count),
            name: notice.name,
          })
        : t('{messages} from {name} missing.', { messages: messages(notice.count), name: notice.name });
    case 'undecryptable':
      return t('{messages} could not be opened here: sealed for keys this browser no longer has, or damaged on the way.', {
        messages: messages(notice.count),
      });
    case 'equivocation':
      return t('{name} sent two different messages in the same place. Both are shown; ask them about it.', { name: notice.name });
    case 'split':
      return t(
        'The server shows you another room than it shows the others: your keys differ at the same place. Nothing leaves from here. Tell your administrator, and compare with the others by phone.',
      );
    case 'private-begun':
      return t('Private from here on, with {listed}. Nothing of it reaches the server or anybody else.', { listed: listed(notice.names) });
    case 'private-ended':
      return t('You are back. What follows is for the whole room again.');
    case 'private-declined':
      return t('Nobody came along, so you stayed.');
    case 'private-off':
      return t('Going private was called off, or the connection was lost. You are still here, with everybody.');
    case 'private-others':
      return t('{listed} went private for a while. Only members with a direct connection to them can come along.', {
        listed: listed(notice.names),
      });
    case 'act':
      return actWords(notice);
    case 'settings':
      return settingsWords(notice);
    case 'password-changed':
      return t('The password of this room was changed. Who joins from now on needs the new one.');
    case 'newcomers':
      return notice.days === null
        ? t('From now on, who comes later is shown nothing of before.')
        : t('From now on, members’ devices show who comes later what is written here, {days} days back.', { days: notice.days });
    case 'history-shown':
      return t('{name} showed you what was written here before you came, as this room has it.', { name: notice.name });
    case 'beginning':
      return t('Your history begins here. What was written before was not sealed for this device.');
  }
}

function actWords({ act, name, by, until, reason }: Extract<Notice, { kind: 'act' }>): string {
  const end = untilWords(until);
  const words = {
    kick: t('{by} put {name} out', { by, name }),
    ban: t('{by} banned {name} {end}', { by, name, end }),
    unban: t('{by} let {name} come again', { by, name }),
    mute: t('{by} muted {name} {end}', { by, name, end }),
    unmute: t('{by} let {name} speak again', { by, name }),
    rules: t('{by} changed what {name} may show', { by, name }),
  }[act];
  return reason ? `${words}: ${reason}` : `${words}.`;
}

function settingsWords({ disappearAfterMs, retentionDays }: Extract<Notice, { kind: 'settings' }>): string {
  const vanish =
    disappearAfterMs === null
      ? t('From now on messages stay.')
      : t('From now on messages vanish {length} after they were written.', { length: lengthWords(disappearAfterMs) });
  return retentionDays === null ? vanish : `${vanish} ${t('Nothing older than {days} days is kept.', { days: retentionDays })}`;
}
