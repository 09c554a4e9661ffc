import { applyDecorators, createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ConclaveError, type ApiScope, type DeviceId, type Role, type UserId } from '../../../libs/protocol/src/index.ts';

/**
 * Who makes a request: set by auth's guard, read by every controller. With `token` it is a program that holds an API token (ACC14): `user` is who
 * made the token, for the audit log only; it has no session and no device, and its role gives it nothing. Such a caller gets no further than
 * the guard where a route does not name a `Scope` that the token has.
 */
export type Caller = {
  user: UserId;
  session: string;
  role: Role;
  device: DeviceId | null;
  token?: { id: string; scopes: readonly ApiScope[] };
};
/** The id of the one token that belongs to the host itself (ACC15), and not to a program. */
export const HOST_TOKEN = 'host';
export type CallerRequest = Request & { caller?: Caller };

export const PUBLIC = 'public route';
/** Routes are closed unless they say otherwise. */
export const Public = () => SetMetadata(PUBLIC, true);

export const SCOPE = 'scope of the route';
/** For administrators, and for API tokens of this scope; the guard refuses everybody else with `forbidden`. */
export const Scope = (scope: ApiScope) => SetMetadata(SCOPE, scope);

export const OR_SESSION = 'also for whoever is signed in';
/** For whoever is signed in, and for API tokens of this scope. */
export const ScopeOrSession = (scope: ApiScope) => applyDecorators(SetMetadata(SCOPE, scope), SetMetadata(OR_SESSION, true));

export const WhoCalls = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<CallerRequest>();
  if (!caller) throw new ConclaveError('unauthenticated', 'sign in first');
  return caller;
});

/** A token has passed the guard by its scope. */
export function requireAdmin(caller: Caller): void {
  if (caller.role !== 'admin' && !caller.token) throw new ConclaveError('forbidden', 'only an administrator may do this');
}
