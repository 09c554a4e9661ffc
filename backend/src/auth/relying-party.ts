import type { Request } from 'express';
import type { Config } from '../config.ts';

/** This site as WebAuthn knows it: the domain its passkeys are bound to, and the pages that may use them. */
export type RelyingParty = { id: string; name: string; origins: string[] };

/**
 * The same pages that may open a socket. Without PUBLIC_URL the domain is the host that the request names: a browser binds a passkey to the
 * page that made it, so whoever lies about the host gets a passkey that opens nothing elsewhere.
 */
export function relyingParty({ publicUrl, origins, siteName }: Config, request: Request): RelyingParty {
  const host = request.headers.host ?? 'localhost';
  return {
    id: publicUrl === undefined ? host.replace(/:\d+$/, '') : new URL(publicUrl).hostname,
    name: siteName,
    origins: origins.length > 0 ? origins : [`https://${host}`, `http://${host}`],
  };
}
