import type { Request, Response } from 'express';

/** One cookie of a request; the first wins when a name comes twice. */
export function cookieOf(request: Request, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

const REFRESH_DAYS = 30;
const KNOWN_DAYS = 365;
const DAY_MS = 86_400_000;

export const refreshCookie = 'conclave_refresh';
export const knownCookie = 'conclave_known';

/** `secure` follows the connection as the client made it: TLS here, or at a trusted proxy. */
export function setRefresh(request: Request, response: Response, token: string): void {
  response.cookie(refreshCookie, token, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.secure,
    path: '/api/auth',
    maxAge: REFRESH_DAYS * DAY_MS,
  });
}

export function clearRefresh(request: Request, response: Response): void {
  response.clearCookie(refreshCookie, { httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/api/auth' });
}

/** Says that this browser has signed in to this account before. */
export function setKnown(request: Request, response: Response, value: string): void {
  response.cookie(knownCookie, value, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.secure,
    path: '/api/auth/login',
    maxAge: KNOWN_DAYS * DAY_MS,
  });
}
