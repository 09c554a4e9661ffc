import type { CookieOptions, Request, Response } from 'express';

const REFRESH_DAYS = 30;
const KNOWN_DAYS = 365;
const DAY_MS = 86_400_000;

const refresh = 'conclave_refresh';
const known = 'conclave_known';

/** Says which session to go on with; good once. */
export const refreshOf = (request: Request): string | undefined => cookieOf(request, refresh);
/** Says to which account this browser has signed in before. */
export const knownOf = (request: Request): string | undefined => cookieOf(request, known);

export function setRefresh(request: Request, response: Response, token: string): void {
  response.cookie(nameOf(request, refresh), token, { ...terms(request), maxAge: REFRESH_DAYS * DAY_MS });
}
export function clearRefresh(request: Request, response: Response): void {
  response.clearCookie(nameOf(request, refresh), terms(request));
}
export function setKnown(request: Request, response: Response, value: string): void {
  response.cookie(nameOf(request, known), value, { ...terms(request), maxAge: KNOWN_DAYS * DAY_MS });
}

/** `secure` follows the connection as the client made it: TLS here, or at a trusted proxy. */
function terms({ secure }: Request): CookieOptions {
  // With `__Host-` browsers insist on the whole host; without TLS a narrower path is what there is.
  return { httpOnly: true, sameSite: 'strict', secure, path: secure ? '/' : '/api/auth' };
}

/** Over TLS the prefix keeps other hosts of the domain, and whoever speaks for it without TLS, from planting a cookie. */
function nameOf({ secure }: Request, name: string): string {
  return secure ? `__Host-${name}` : name;
}

/** The first wins when a name comes twice. */
function cookieOf(request: Request, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === nameOf(request, name)) return part.slice(at + 1).trim();
  }
  return undefined;
}
