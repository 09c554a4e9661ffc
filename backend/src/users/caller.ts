import { createParamDecorator, SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { ConclaveError, type DeviceId, type Role, type UserId } from '../../../libs/protocol/src/index.ts';

/** Who makes a request: set by auth's guard, read by every controller. */
export type Caller = { user: UserId; session: string; role: Role; device: DeviceId | null };
export type CallerRequest = Request & { caller?: Caller };

export const PUBLIC = 'public route';
/** Routes are closed unless they say otherwise. */
export const Public = () => SetMetadata(PUBLIC, true);

export const WhoCalls = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<CallerRequest>();
  if (!caller) throw new ConclaveError('unauthenticated', 'sign in first');
  return caller;
});

export function requireAdmin(caller: Caller): void {
  if (caller.role !== 'admin') throw new ConclaveError('forbidden', 'only an administrator may do this');
}
