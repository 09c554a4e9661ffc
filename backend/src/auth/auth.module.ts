import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { timing } from '../../../libs/protocol/src/index.ts';
import { PresenceModule } from '../presence/presence.module.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { UsersModule } from '../users/users.module.ts';
import { AccessGuard } from './access.guard.ts';
import { AuthController } from './auth.controller.ts';
import { Challenges } from './challenges.service.ts';
import { DeviceLogin } from './device-login.service.ts';
import { DeviceSessions } from './device-sessions.service.ts';
import { DoorsController } from './doors.controller.ts';
import { Guesses } from './guesses.service.ts';
import { KnownDevices } from './known-devices.service.ts';
import { Login } from './login.service.ts';
import { OwnDoors } from './own-doors.service.ts';
import { OwnPassword } from './own-password.service.ts';
import { OwnSessionsController } from './own-sessions.controller.ts';
import { PasskeyLogin } from './passkey-login.service.ts';
import { PasskeysController } from './passkeys.controller.ts';
import { Passkeys } from './passkeys.service.ts';
import { Passwords } from './passwords.service.ts';
import { ResetLinks } from './reset-links.service.ts';
import { SessionTokens } from './session-tokens.service.ts';
import { SessionWatch } from './session-watch.service.ts';
import { Sessions } from './sessions.service.ts';
import { StoredPasswords } from './stored-passwords.service.ts';
import { Tickets } from './tickets.service.ts';

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
  controllers: [AuthController, DoorsController, OwnSessionsController, PasskeysController],
  providers: [
    SessionTokens,
    Sessions,
    Tickets,
    DeviceSessions,
    SessionWatch,
    Challenges,
    Passkeys,
    PasskeyLogin,
    DeviceLogin,
    OwnPassword,
    OwnDoors,
    ResetLinks,
    KnownDevices,
    Passwords,
    StoredPasswords,
    Guesses,
    Login,
    { provide: APP_GUARD, useClass: AccessGuard },
  ],
  exports: [Sessions, Tickets, KnownDevices, Passwords, OwnPassword, OwnDoors, ResetLinks, Guesses, Login],
})
export class AuthModule {}
