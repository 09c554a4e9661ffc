import { ConclaveError, type Role } from '../../../libs/protocol/src/index.ts';
import { HOST_TOKEN, type Caller } from '../users/caller.ts';

/**
 * A program's token never makes or touches an administrator: else whoever finds a token of `accounts:write` is one for good, long after the token was
 * revoked. The host's own tool may: who runs it can read the database anyway.
 */
export function requirePersonFor(role: Role | undefined, caller: Caller): void {
  if (role === 'admin' && isProgram(caller))
    throw new ConclaveError('forbidden', 'an API token may not make or change an administrator: sign in as one yourself');
}

/** Also what a program calls somebody may be what they call themselves elsewhere: no name that speaks for this site. */
export const isProgram = ({ token }: Caller): boolean => token !== undefined && token.id !== HOST_TOKEN;
