import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ConclaveError } from '../../../libs/protocol/src/index.ts';
import { PUBLIC, type CallerRequest } from '../users/caller.ts';
import { Sessions } from './sessions.service.ts';

/** Stands before every route that is not public. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly sessions: Sessions,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http' || this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()]))
      return true;
    const request = context.switchToHttp().getRequest<CallerRequest>();
    const [, token] = /^Bearer ([A-Za-z0-9_.-]{1,2048})$/.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) throw new ConclaveError('unauthenticated', 'sign in first');
    request.caller = await this.sessions.caller(token);
    return true;
  }
}
