import { ConclaveError, type ErrorCode } from '../../../../libs/protocol/src/errors.ts';

/** What happened and what to do next, for every code there is (APP5). A new code does not compile without its words. */
const words: { [C in ErrorCode]: string } = {
  'bad-frame': 'This version of the app and the server do not understand each other. Reload the page to get the newest version.',
  'bad-request': 'The server did not accept what was entered. Check the fields and try again.',
  'too-large': 'That is too long. Shorten it and try again.',
  'not-found': 'This no longer exists, or you have no access to it. Go back and choose another.',
  conflict: 'Somebody changed this at the same moment. Look at it again and repeat what you wanted.',
  unauthenticated: 'You are not signed in any more. Sign in again to go on.',
  'bad-credentials': 'User name and password do not match. Check both and try again.',
  forbidden: 'You may not do this. Ask somebody who runs this site.',
  'bad-ticket': 'The connection was not accepted. Reload the page.',
  'bad-origin': 'The server does not accept connections from this address. Tell whoever runs this site.',
  'session-ended': 'Your session was ended. Sign in again to go on.',
  'bad-invite': 'This invitation has been used up, has expired or was withdrawn. Ask for a new one.',
  'bad-setup-link': 'This setup link has been used or has expired. Restart the server: it prints a new one.',
  'registration-closed': 'New accounts are made by whoever runs this site. Ask them for one.',
  'name-taken': 'This name is taken. Choose another one.',
  'weak-password': 'This password is too easy to guess. Take at least 16 characters, for example five unrelated words.',
  'slow-down': 'Too many attempts. Wait a moment, then try again.',
  'server-full': 'The server has no room for another connection now. Wait a minute, then try again.',
  'too-many-devices': 'Your account already has as many devices as it may have. Remove one under “Your devices” first.',
  'room-full': 'This room has no room for another device. Ask its members to make a second one.',
  'not-member': 'You are not a member of this room any more. Join it again from “Find a room”.',
  'last-owner': 'You are the last owner of this room. Make somebody else owner before you leave.',
  'no-group': 'The room is still being prepared. Try again in a moment.',
  'stale-epoch': 'The room’s keys have just changed. Try again; your words are kept.',
  'removal-pending': 'Somebody is being removed from the room. Your words are kept and go out as soon as that is done.',
  'bad-commit': 'The room’s keys could not be changed. Reload the page; your words are kept.',
  'not-a-leaf': 'Somebody has left the room meanwhile. Try again; your words are kept.',
  resubmit: 'The server asked for this again. Try again; your words are kept.',
  'no-key-package': 'The other side has not been online for long. Try again when they are back.',
  offline: 'The other side has no connection now. Try again when they are back.',
  'not-ready': 'The server is still starting. Try again in a moment.',
  unavailable: 'The server cannot be reached. Check your connection, then try again.',
  internal: 'Something went wrong on the server. Try again, and tell whoever runs this site if it happens again.',
};

/** Words for a person; with the time to wait, when the server named one. Anything that is no ConclaveError is a fault of ours. */
export function errorWords(error: unknown): string {
  if (!(error instanceof ConclaveError)) return 'Something went wrong in this page. Reload it; your messages are kept.';
  const text = words[error.code];
  return error.retryAfterMs && error.retryAfterMs >= 1000 ? `${text} (${duration(error.retryAfterMs)})` : text;
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
