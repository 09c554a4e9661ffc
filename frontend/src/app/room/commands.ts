import type { MemberView, RoomHandle } from '../../../../libs/client/src/index.ts';
import { readSpan } from '../ui/until-words.ts';
import { t } from '../ui/language.ts';

/* Slash commands (MOD7): what a moderator types instead of clicking. Words that begin with a double slash are words. */

export type Command = { name: 'kick' | 'ban' | 'unban' | 'mute' | 'unmute' | 'op' | 'deop' | 'help'; rest: string };
export type Done = { done: string } | { problem: string };

export const commandHelp: [string, string][] = [
  ['/kick name reason', 'puts somebody out; they may come again'],
  ['/ban name 7d reason', 'puts somebody out for 10m, 2h, 7d, 4w, or for good'],
  ['/unban name', 'takes a ban back'],
  ['/mute name 1h reason', 'lets somebody read, but not speak'],
  ['/unmute name', 'takes that back'],
  ['/op name', 'makes somebody a moderator'],
  ['/deop name', 'makes a moderator a member again'],
  ['/help', 'shows this'],
];

/** Null: these are words for the room. */
export function readCommand(text: string): Command | null {
  const [, name, rest = ''] = /^\/(kick|ban|unban|mute|unmute|op|deop|help)(?:\s+([^]*))?$/i.exec(text.trim()) ?? [];
  return name ? { name: name.toLowerCase() as Command['name'], rest: rest.trim() } : null;
}

/** Does what it says; throws ConclaveError where the server refuses. */
export async function obey({ name, rest }: Command, room: RoomHandle): Promise<Done> {
  if (name === 'help') return { done: '' };
  const { role } = room.view.value;
  const mayModerate = role !== 'member';
  if (!mayModerate) return { problem: t('Only owners and moderators of this room can do that.') };
  const [who = '', ...words] = rest.split(/\s+/);
  if (name === 'unban') return who ? unban(who, room) : { problem: t('Say whom: the user name comes after the command.') };
  const member = find(room.roster.value.members, who);
  if (!member)
    return {
      problem: who
        ? t('Nobody here is called “{who}”. Use the user name, as in the list of members.', { who })
        : t('Say whom: the user name comes after the command.'),
    };
  if (member.self) return { problem: t('That is you.') };
  return act(name, room, member, words);
}

/** Who is banned is no member: the server knows whom the room keeps out. */
async function unban(who: string, room: RoomHandle): Promise<Done> {
  const name = who.replace(/^@/, '').toLowerCase();
  const { bans } = await room.moderation.bans();
  const ban = bans.find(({ username }) => username?.toLowerCase() === name);
  if (!ban?.user) return { problem: t('Nobody called “{who}” is banned from this room.', { who }) };
  await room.moderation.unban(ban.user);
  return { done: t('{displayName} may come again.', { displayName: ban.displayName ?? who }) };
}

async function act(
  name: Exclude<Command['name'], 'help' | 'unban'>,
  room: RoomHandle,
  { user, name: called }: MemberView,
  words: string[],
): Promise<Done> {
  const span = readSpan(words[0] ?? '');
  const until = span === null ? null : Date.now() + span;
  const reason = (span === null ? words : words.slice(1)).join(' ');
  const { moderation, administration } = room;
  switch (name) {
    case 'kick':
      await moderation.kick(user, words.join(' '));
      return { done: t('{called} was put out.', { called }) };
    case 'ban':
      await moderation.ban(user, until, reason);
      return { done: t('{called} is banned.', { called }) };
    case 'mute':
      await moderation.mute(user, until, reason);
      return { done: t('{called} is muted.', { called }) };
    case 'unmute':
      await moderation.unmute(user);
      return { done: t('{called} may speak again.', { called }) };
    case 'op':
      await administration.setRole(user, 'moderator');
      return { done: t('{called} is a moderator now.', { called }) };
    case 'deop':
      await administration.setRole(user, 'member');
      return { done: t('{called} is a member again.', { called }) };
  }
}

function find(members: readonly MemberView[], who: string): MemberView | undefined {
  const name = who.replace(/^@/, '').toLowerCase();
  return members.find(({ username }) => username.toLowerCase() === name);
}
