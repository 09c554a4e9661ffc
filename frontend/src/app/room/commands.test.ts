import { readCommand, obey } from './commands.ts';
import { lengthWords, readSpan } from '../ui/until-words.ts';

describe('a slash command (MOD7)', () => {
  it('is one of those there are; everything else is words', () => {
    expect(readCommand('/kick bob being rude')).toEqual({ name: 'kick', rest: 'bob being rude' });
    expect(readCommand('/HELP')).toEqual({ name: 'help', rest: '' });
    for (const words of ['//kick bob', 'see /kick', '/kicking bob', '/dance', 'kick bob', '/']) expect(readCommand(words)).toBeNull();
  });

  it('takes a length of time before the reason', async () => {
    expect([readSpan('7d'), readSpan('2h'), readSpan('x'), readSpan('7'), readSpan('')]).toEqual([
      7 * 86_400_000,
      7_200_000,
      null,
      null,
      null,
    ]);
    const acts: unknown[][] = [];
    const room = {
      view: { value: { role: 'moderator' } },
      roster: { value: { members: [{ user: 'u', username: 'bob', name: 'Bob', self: false }] } },
      moderation: { ban: async (...args: unknown[]) => acts.push(args), kick: async (...args: unknown[]) => acts.push(args) },
    };
    expect(await obey({ name: 'ban', rest: 'bob 2h being rude' }, room as never)).toEqual({ done: 'Bob is banned.' });
    expect(await obey({ name: 'ban', rest: '@Bob being rude' }, room as never)).toEqual({ done: 'Bob is banned.' });
    expect(acts[0]!.slice(0, 1).concat(acts[0]![2])).toEqual(['u', 'being rude']);
    expect(acts[1]).toEqual(['u', null, 'being rude']);
    const bans = {
      bans: async () => ({ bans: [{ user: 'c', username: 'carl', displayName: 'Carl' }] }),
      unban: async (user: string) => acts.push([user]),
    };
    expect(await obey({ name: 'unban', rest: 'carl' }, { ...room, moderation: bans } as never)).toEqual({ done: 'Carl may come again.' });
    expect(acts.pop()).toEqual(['c']);
    expect(await obey({ name: 'unban', rest: 'bob' }, { ...room, moderation: bans } as never)).toHaveProperty('problem');
    expect(await obey({ name: 'kick', rest: 'carl' }, room as never)).toHaveProperty('problem');
    expect(acts).toHaveLength(2);
    expect(await obey({ name: 'kick', rest: 'bob' }, { ...room, view: { value: { role: 'member' } } } as never)).toHaveProperty('problem');
  });

  it('is told back in the largest whole unit', () => {
    expect([lengthWords(86_400_000), lengthWords(5_400_000), lengthWords(7_200_000)]).toEqual(['1 day', '90 minutes', '2 hours']);
  });
});
