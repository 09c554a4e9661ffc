import type { MessageState } from '../../../../libs/client/src/index.ts';
import type { IconName } from '../ui/icons.ts';
import { t } from '../ui/language.ts';

export type StateWords = { icon: IconName; brief: string; full: string; acts: ('retry' | 'anyway' | 'cancel')[] };

const waiting: { [W in Extract<MessageState, { state: 'waiting' }>['why']]: [brief: string, full: string] } = {
  sending: ['Sending', 'Being sealed and sent.'],
  'no-relay': ['Waiting', 'Waits here until somebody in the room can be reached directly: this site’s server carries no messages.'],
  offline: ['Waiting', 'Waits for a connection and goes out by itself.'],
  joining: ['Waiting', 'Waits until you and the others share the conversation’s keys: somebody’s device has to come online for that.'],
  removal: ['Waiting', 'Waits until a member who is being removed can no longer read it.'],
  split: ['Held back', 'The server shows you another room than the others. Nothing leaves until that is mended.'],
  'audience-grew': ['Held back', 'Somebody is here whom you have not written to before. Send it to them as well, or take it back.'],
};

/** MSG2 as icon and words: `brief` beside the icon, `full` in the tooltip and for screen readers. */
export function stateWords(state: MessageState): StateWords {
  switch (state.state) {
    case 'waiting': {
      const [brief, full] = waiting[state.why];
      return {
        icon: 'clock',
        brief: t(brief),
        full: t(full),
        acts: state.why === 'audience-grew' ? ['anyway', 'cancel'] : state.why === 'sending' || state.why === 'no-relay' ? [] : ['cancel'],
      };
    }
    case 'direct':
      return { icon: 'check', brief: t('Sent direct'), full: t('Sent straight to a member’s device, which has stored it.'), acts: [] };
    case 'held':
      return {
        icon: 'held',
        brief: t('Held by the relay'),
        full: t('The relay keeps the sealed message until the others are back.'),
        acts: [],
      };
    case 'delivered':
      return {
        icon: 'checks',
        brief: t('Delivered {n}/{m}', { n: state.n, m: state.m }),
        full: t('Delivered to {n} of {people}.', { n: state.n, people: people(state.m) }),
        acts: [],
      };
    case 'read':
      return {
        icon: 'seen',
        brief: t('Read {n}/{m}', { n: state.n, m: state.m }),
        full: t('Read by {n} of {people}.', { n: state.n, people: people(state.m) }),
        acts: [],
      };
    case 'failed':
      return { icon: 'failed', brief: t('Not sent'), full: t('Not sent: {reason}', { reason: state.reason }), acts: ['retry', 'cancel'] };
  }
}

export const actWords = { retry: 'Try again', anyway: 'Send anyway', cancel: 'Take back' } as const;

const people = (count: number): string => (count === 1 ? t('1 person') : t('{count} people', { count }));
