import type { MessageState } from '../../../../libs/client/src/views.ts';
import type { IconName } from '../ui/icons.ts';

export type StateWords = { icon: IconName; brief: string; full: string; acts: ('retry' | 'anyway' | 'cancel')[] };

const waiting: { [W in Extract<MessageState, { state: 'waiting' }>['why']]: [brief: string, full: string] } = {
  sending: ['Sending', 'Being sealed and sent.'],
  'no-relay': ['Waiting', 'Waits here until somebody in the room can be reached directly: this site’s server carries no messages.'],
  offline: ['Waiting', 'Waits for a connection and goes out by itself.'],
  joining: ['Waiting', 'Waits until somebody in the room lets this device into the conversation’s keys.'],
  removal: ['Waiting', 'Waits until a member who is being removed can no longer read it.'],
  split: ['Held back', 'The server shows you another room than the others. Nothing leaves until that is mended.'],
  'audience-grew': ['Held back', 'Somebody has joined since you wrote this. Send it to them as well, or take it back.'],
};

/** MSG2 as icon and words: `brief` beside the icon, `full` in the tooltip and for screen readers. */
export function stateWords(state: MessageState): StateWords {
  switch (state.state) {
    case 'waiting': {
      const [brief, full] = waiting[state.why];
      return {
        icon: 'clock',
        brief,
        full,
        acts: state.why === 'audience-grew' ? ['anyway', 'cancel'] : state.why === 'sending' || state.why === 'no-relay' ? [] : ['cancel'],
      };
    }
    case 'direct':
      return { icon: 'check', brief: 'Sent direct', full: 'Sent straight to a member’s device, which has stored it.', acts: [] };
    case 'held':
      return { icon: 'held', brief: 'Held by the relay', full: 'The relay keeps the sealed message until the others are back.', acts: [] };
    case 'delivered':
      return { icon: 'checks', brief: `Delivered ${state.n}/${state.m}`, full: `Delivered to ${state.n} of ${people(state.m)}.`, acts: [] };
    case 'read':
      return { icon: 'seen', brief: `Read ${state.n}/${state.m}`, full: `Read by ${state.n} of ${people(state.m)}.`, acts: [] };
    case 'failed':
      return { icon: 'failed', brief: 'Not sent', full: `Not sent: ${state.reason}`, acts: ['retry', 'cancel'] };
  }
}

export const actWords = { retry: 'Try again', anyway: 'Send anyway', cancel: 'Take back' } as const;

const people = (count: number): string => (count === 1 ? '1 person' : `${count} people`);
