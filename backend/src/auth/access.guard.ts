import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ConclaveError, type ApiScope } from '../../../libs/protocol/src/index.ts';
import { ApiTokens, TOKEN_PREFIX } from '../users/api-tokens.service.ts';
import { OR_SESSION, PUBLIC, requireAdmin, SCOPE, type Caller, type CallerRequest } from '../users/caller.ts';
import { Sessions } from './sessions.service.ts';

/** Stands before every route that is not public. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly sessions: Sessions,
    private readonly tokens: ApiTokens,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (context.getType() !== 'http' || this.reflector.getAllAndOverride<boolean>(PUBLIC, places)) return true;
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const [, token] = /^Bearer ([A-Za-z0-9_.-]{1,2048})$/.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) throw new ConclaveError('unauthenticated', 'sign in first');
    const caller = token.startsWith(TOKEN_PREFIX) ? await this.tokens.caller(token) : await this.sessions.caller(token);
    const orSession = this.reflector.getAllAndOverride<boolean | undefined>(OR_SESSION, places) ?? false;
    requireScope(caller, this.reflector.getAllAndOverride<ApiScope | undefined>(SCOPE, places), orSession);
    request.caller = caller;
    return true;
  }
}

function requireScope(caller: Caller, scope: ApiScope | undefined, orSession: boolean): void {
  if (caller.token && !(scope && caller.token.scopes.includes(scope)))
    throw new ConclaveError('forbidden', scope ? `this token does not have the scope ${scope}` : 'an API token may not do this');
  if (scope && !orSession) requireAdmin(caller);
}
