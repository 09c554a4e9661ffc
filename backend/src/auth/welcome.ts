import type { Request, Response } from 'express';
import type { SignedIn } from '../../../libs/protocol/src/index.ts';
import { setKnown, setRefresh } from './cookies.ts';
import type { KnownDevices } from './known-devices.service.ts';
import type { Opened } from './sessions.service.ts';

/** Who has come in by any door: the refresh cookie, and the one by which this browser is known from now on. */
export function welcome(devices: KnownDevices, { body, refreshToken }: Opened, request: Request, response: Response): SignedIn {
  setRefresh(request, response, refreshToken);
  setKnown(request, response, devices.cookieFor(body.user.username));
  return body;
}
