import { ConclaveError, type ErrorCode } from '../../../../libs/protocol/src/errors.ts';
import { t } from './language.ts';

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
  'account-locked': 'This account was locked by an administrator. Ask whoever runs this site.',
  'another-door':
    'Too many wrong passwords were tried for this name, so it opens by another door: a passkey, a linked device, or a one-time link from an administrator.',
  'bad-reset-link': 'This link has been used or has expired. Ask an administrator for a new one.',
  banned: 'You were put out and may not come in for now. Ask a moderator if you think this is a mistake.',
  'bad-report':
    'This report could not be proved, so it was not sent. Reload the page, pick the messages again, and report each person by themselves.',
  'bad-token': 'The other site’s word was not accepted. Go back there and sign in again.',
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

/** Where a code alone would say too little. */
const reasons: { [reason: string]: string } = {
  altered: 'One of these messages is not, word for word, what its author signed. Leave it out, and report the others.',
  'other-room':
    'One of these messages was not said in this room. Report it in the room where it was said; a private conversation cannot be reported.',
  'unknown-device': 'The author of one of these messages is no longer known here, so nothing can be proved. Leave it out.',
  'several-people': 'These messages are of several people. Report each of them by themselves.',
  own: 'These are your own words. You can delete them instead.',
  'last-door': 'This is the only way into your account. Set a password or add another passkey first.',
  'room-password': 'This is not the password of the room. Check it with somebody who is in it.',
  'recovery-phrase': 'These are not the 24 words of a recovery phrase. Check each word and their order.',
  'recovery-phrase-other':
    'These words do not open the backup of this account. A newer phrase was made since, or they belong to another account.',
  'archive-not-an-archive': 'This file is no history that was exported here. Choose another one.',
  'archive-newer': 'This file was made by a newer version. Reload the app, then try again.',
  'archive-wrong-secret': 'This passphrase does not open the file. Check it and try again.',
  'archive-damaged': 'A part of this file is damaged. What came before it was imported.',
  'room-password-length': 'The password of a room has 6 to 60 characters.',
  blocked: 'You have blocked this person. Unblock them first, then write to them.',
  'members-add': 'A member lets you in as soon as one is here. You need to do nothing.',
  'no-directs': 'This person takes no direct messages now. Try another way to reach them.',
  muted: 'You are muted in this room. You can go on reading.',
  'flood-messages': 'That is a lot at once. Wait a moment; your words stay here.',
  'flood-same': 'You have just said this several times. Wait a moment, or say something else.',
  'flood-links': 'A message has at most 10 links. Take some out, or send them in parts.',
  images: 'A moderator does not let you show pictures in this room. Send words, or other files.',
  'no-space': 'This device has no room left for this file. Free some space, then try again.',
  'no-files': 'This browser keeps no files here. Leave private browsing, or allow this site to store data.',
  unreadable: 'This file cannot be read. It may have been moved or changed: choose it again.',
  damaged: 'This file is not what its author sent, so it is not opened.',
  strict: 'People come to this site by another one. Sign in there, and follow its link to the chat.',
  passkey: 'This passkey does not open an account here. Use another one, or your password.',
  'passkeys-full': 'Your account has as many passkeys as it may have. Remove one first.',
  'passkey-known': 'This passkey is known already. Use it, or take another device.',
  'last-admin': 'This is the last administrator of the site. Make somebody else administrator first.',
  'no-passkey-used':
    'No passkey was used: it was called off, took too long, or this device has none for this site. Try again, or use another way.',
  'passkey-there': 'This device already has a passkey of your account. Use that one, or another device.',
  'passkey-unfit': 'This passkey cannot lock what is stored here. Use a passphrase, or another passkey.',
  'passkeys-off': 'Passkeys do not work here: the page needs https, and the address the passkey was made for. Use another way.',
  'sign-in-again': 'For this you have to have signed in within the last quarter of an hour. Log out, sign in again, then do it.',
  'no-passkey-yet': 'Your account has no passkey yet. Add one first.',
  'local-passphrase-short': 'A passphrase for this device needs at least 10 characters. Take a few words.',
};

/** Words for a person; with the time to wait, when the server named one. Anything that is no ConclaveError is a fault of ours. */
export function errorWords(error: unknown): string {
  if (!(error instanceof ConclaveError)) return t('Something went wrong in this page. Reload it; your messages are kept.');
  const text = t((error.reason && reasons[error.reason]) || words[error.code]);
  return error.retryAfterMs && error.retryAfterMs >= 1000 ? `${text} (${duration(error.retryAfterMs)})` : text;
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? `${seconds} s` : t('{minutes} min', { minutes: Math.ceil(seconds / 60) });
}
