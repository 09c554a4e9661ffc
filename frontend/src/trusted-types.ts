/*
 * Under `require-trusted-types-for 'script'` a script address given as a plain string goes through this policy. Two are: the service worker,
 * which Angular registers by a string, and our own worker bundles. Everything else throws, HTML and script text always.
 */
type Factory = { createPolicy(name: string, rules: Record<string, (input: string) => string | null>): unknown };

const ownScript = /^\/(sw|worker-[A-Za-z0-9_-]+)\.js$/;

/** Null, which the browser turns into a TypeError, for any address but the service worker's and our own workers'. */
export function allowedScript(address: string, origin: string): string | null {
  const url = URL.parse(address, `${origin}/`);
  return url && url.origin === origin && ownScript.test(url.pathname) && !url.search ? address : null;
}

export function installTrustedTypes(): void {
  const { trustedTypes } = globalThis as { trustedTypes?: Factory };
  trustedTypes?.createPolicy('default', { createScriptURL: (address) => allowedScript(address, location.origin) });
}
