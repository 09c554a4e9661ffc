import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { timing } from '../../../libs/protocol/src/index.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { UsersModule } from '../users/users.module.ts';
import { AccessGuard } from './access.guard.ts';
import { AuthController } from './auth.controller.ts';
import { Guesses } from './guesses.service.ts';
import { Login } from './login.service.ts';
import { Passwords } from './passwords.service.ts';
import { DeviceSessions, Sessions } from './sessions.service.ts';

const jwt = JwtModule.registerAsync({
  inject: [SECRETS],
  // A KeyObject: a secret given as a string costs fifty times as much per token.
  useFactory: ({ jwt: key }: Secrets) => ({
    secret: key,
    signOptions: { algorithm: 'HS256' as const, expiresIn: timing.accessTokenMs / 1000, issuer: 'conclave' },
    verifyOptions: { algorithms: ['HS256' as const], issuer: 'conclave', maxAge: timing.accessTokenMs / 1000 },
  }),
});

@Module({
  imports: [PresenceModule, UsersModule, jwt],
  controllers: [AuthController],
  providers: [Sessions, DeviceSessions, Passwords, Guesses, Login, { provide: APP_GUARD, useClass: AccessGuard }],
  exports: [Sessions, Passwords, Guesses, Login],
})
export class AuthModule {}
