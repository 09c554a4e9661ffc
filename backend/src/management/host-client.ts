import { randomBytes } from 'node:crypto';
import { AccountPage, ErrorBody, type AccountLine } from '../../../libs/protocol/src/index.ts';
import type { HostFile } from './host-door.service.ts';
import { HostProof, isProof } from './host-proof.ts';

/** What the server refused, with its own words. */
export class Refused extends Error {
  override name = 'Refused';
}

const LONGEST_MS = 30_000;

/** Account management of one server, as its host. */
export class HostClient {
  constructor(private readonly host: HostFile) {}

  get address(): string {
    return this.host.address;
  }

  /**
   * False where nobody answers, or somebody who does not know this token: another server, one that has started anew, or a stranger who waits for what
   * we would tell it. So neither the token nor anything else of ours goes there before the proof.
   */
  async isThere(): Promise<boolean> {
    const nonce = randomBytes(32).toString('base64url');
    try {
      const { proof } = HostProof.parse(await (await this.#fetch('POST', '/host/proof', { nonce }, {})).json());
      return isProof(this.host.token, nonce, proof);
    } catch {
      return false;
    }
  }

  async *list(q: string): AsyncGenerator<AccountLine> {
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = new URLSearchParams({ q, limit: '200', ...(cursor === '' ? {} : { cursor }) });
      const page = AccountPage.parse(await this.call('GET', `?${query}`));
      yield* page.accounts;
      cursor = page.next;
    }
  }

  async find(username: string): Promise<AccountLine> {
    const name = username.trim().toLowerCase();
    for await (const account of this.list(name)) if (account.username === name) return account;
    throw new Refused(`there is no account "${name}": \`list\` shows them all`);
  }

  async call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await this.#fetch(method, `/admin/accounts${path}`, body, { authorization: `Bearer ${this.host.token}` });
    const text = await response.text();
    if (response.ok) return text === '' ? null : JSON.parse(text);
    const error = ErrorBody.safeParse(JSON.parse(text || '{}'));
    throw new Refused(error.success ? error.data.text : `the server answered ${response.status}`);
  }

  #fetch(method: string, path: string, body: object | undefined, headers: Record<string, string>): Promise<Response> {
    return fetch(`${this.host.address}/api${path}`, {
      method,
      redirect: 'error',
      headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
      signal: AbortSignal.timeout(LONGEST_MS),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }
}
