import type { ApiScope } from '../../../../libs/protocol/src/index.ts';

/**
 * One REST route, and the status it answers to each kind of caller. `user` is bob: no administrator, not in ann's room, not the owner of her
 * device; ann is the administrator. What is not said follows: a guest and a moderator fare as a user does, who is locked out as nobody does,
 * an API token of the named scope as the administrator does, and one without it is forbidden (403; on public routes nobody's status).
 */
export type Route = {
  method: string;
  path: string;
  body?: unknown;
  nobody: number;
  user: number;
  admin: number;
  guest?: number;
  moderator?: number;
  locked?: number;
  /** API tokens of this scope may call it too. */
  scope?: ApiScope;
  /** With the scope, where it is another status than the administrator's. */
  token?: number;
};

export const NOWHERE = '00000000-0000-4000-8000-000000000000';
