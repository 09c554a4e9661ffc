import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { ConclaveError, timing, type Role, type SignedIn } from '../../../libs/protocol/src/index.ts';
import { SECRETS, type Secrets } from '../secrets.ts';
import { personOf, type Account } from '../users/users.service.ts';

/** What an access token says: whose it is, and by which session. */
type Claims = { sub: string; sid: string; role: Role };
/** What a refresh token says: its session, and the how manieth of it it is. */
type Refresh = { session: string; count: number };

/** The tokens of a session: an access JWT of five minutes, and refresh tokens that nobody can invent. */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly jwt: JwtService,
    @Inject(SECRETS) private readonly secrets: Secrets,
  ) {}

  async signedIn(session: string, account: Account): Promise<SignedIn> {
    const expiresAt = Date.now() + timing.accessTokenMs;
    const accessToken = await this.jwt.signAsync({ sub: account.id, sid: session, role: account.role } satisfies Claims);
    return { accessToken, expiresAt, session, user: { ...personOf(account), role: account.role } };
  }

  /** Throws `unauthenticated` for one that is not ours, or has expired. */
  async claims(accessToken: string): Promise<Claims> {
    try {
      return await this.jwt.verifyAsync<Claims>(accessToken);
    } catch {
      throw new ConclaveError('unauthenticated', 'the access token is not valid any more: refresh it');
    }
  }

  /** Authentic by its MAC, so that nobody ends another's session by inventing an old token of it. */
  refresh(session: string, count: number): string {
    const mac = createHmac('sha256', this.secrets.mac).update(`refresh\0${session}\0${count}`).digest('base64url');
    return `${session}.${count}.${mac}`;
  }

  /** Null for what was not made by `refresh`. */
  readRefresh(token: string | undefined): Refresh | null {
    const [session = '', digits = ''] = (token ?? '').split('.');
    if (!/^[0-9a-f-]{36}$/.test(session) || !/^\d{1,9}$/.test(digits)) return null;
    const expected = Buffer.from(this.refresh(session, Number(digits)));
    const shown = Buffer.from(token!);
    return expected.length === shown.length && timingSafeEqual(expected, shown) ? { session, count: Number(digits) } : null;
  }
}
