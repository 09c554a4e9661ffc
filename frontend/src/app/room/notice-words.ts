import type { Notice } from '../../../../libs/client/src/views.ts';
import type { IconName } from '../ui/icons.ts';

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
  'private-begun': 'private',
  'private-ended': 'door',
  'private-declined': 'private',
  'private-others': 'private',
};

export const noticeIcon = (kind: Kind): IconName => icons[kind];

/** True for what deserves a second look: shown in amber. */
export const isGrave = (kind: Kind): boolean =>
  kind === 'key-changed' || kind === 'gap' || kind === 'undecryptable' || kind === 'equivocation' || kind === 'split';

const names = new Intl.ListFormat('en', { type: 'conjunction' });
/** "Ann, Bob and Cyd". */
export const listed = (list: readonly string[]): string => names.format(list);

const messages = (count: number): string => (count === 1 ? '1 message' : `${count} messages`);

export function noticeWords(notice: Notice): string {
  switch (notice.kind) {
    case 'founded':
      return `${notice.name} opened this room`;
    case 'joined':
      return `${notice.name} joined`;
    case 'left':
      return `${notice.name} left`;
    case 'device-added':
      return `${notice.name} added a device`;
    case 'key-changed':
      return `${notice.name} has a new account key. Ask them, in person or by phone, whether they reset it.`;
    case 'gap':
      return notice.asked
        ? `${messages(notice.count)} from ${notice.name} missing. The others have been asked; it arrives when one of them has it.`
        : `${messages(notice.count)} from ${notice.name} missing.`;
    case 'undecryptable':
      return `${messages(notice.count)} from ${notice.name} could not be opened here. They were sealed for keys this browser no longer has, or were damaged on the way.`;
    case 'equivocation':
      return `${notice.name} sent two different messages in the same place. Both are shown; ask them about it.`;
    case 'split':
      return 'The server shows you another room than it shows the others: your keys differ at the same place. Nothing leaves from here. Tell your administrator, and compare with the others by phone.';
    case 'private-begun':
      return `Private from here on, with ${listed(notice.names)}. Nothing of it reaches the server or anybody else.`;
    case 'private-ended':
      return 'You are back. What follows is for the whole room again.';
    case 'private-declined':
      return 'Nobody came along, so you stayed.';
    case 'private-others':
      return `${listed(notice.names)} went private for a while. Only members with a direct connection to them can come along.`;
    case 'beginning':
      return 'Your history begins here. What was written before was not sealed for this device.';
  }
}
