import type { MemberView } from '../../../../libs/client/src/index.ts';
import { limits } from '../../../../libs/protocol/src/limits.ts';

/** `@` and a username that stands on its own: not inside an address of mail or of the web. */
const called = /(?<![a-z0-9_/@.+-])@([a-z0-9._-]{3,20})/gi;

/** The same as a place to split at: every second part is a name with its `@`. */
export const calledParts = /((?<![a-z0-9_/@.+-])@[a-z0-9._-]{2,19}[a-z0-9_])/gi;

type Callable = Pick<MemberView, 'user' | 'username'>;

/** Members whom these words call by `@username`; a full stop or dash after the name is none of its letters. */
export function mentionsIn(text: string, members: readonly Callable[]): string[] {
  const byName = new Map(members.map(({ user, username }) => [username, user]));
  const found = new Set<string>();
  for (const [, name = ''] of text.matchAll(called)) {
    const user = byName.get(name.toLowerCase()) ?? byName.get(name.toLowerCase().replace(/[._-]+$/, ''));
    if (user) found.add(user);
  }
  return [...found].slice(0, limits.mentionsPerMessage);
}
