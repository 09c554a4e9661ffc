import * as z from 'zod';
import { ConclaveError, ErrorBody, SignedIn, type ErrorCode } from '../../../protocol/src/index.ts';

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
type Body = { json: unknown } | { bytes: Uint8Array } | undefined;
/** Where it is not answered at once: `signal` ends it, and nothing else does. */
type Patience = { signal: AbortSignal; headers?: Record<string, string> };

const timeoutMs = 20_000;
/** A token that ends within this is renewed before it is used. */
const renewBeforeMs = 20_000;

/**
 * The server's REST interface: one access token at a time, renewed through the refresh cookie when it runs out. Every failure is a
 * ConclaveError; a server that cannot be reached is `unavailable`.
 */
export class RestClient {
  #access: { token: string; expiresAt: number } | null = null;
  #renewal: Promise<SignedIn> | null = null;
  /** Whose session this is; a renewal that answers with somebody else's ends it here: they signed in elsewhere in this browser. */
  person: string | null = null;
  /** Called when the session is over: the refresh token was refused. */
  onSessionEnded: () => void = () => undefined;

  constructor(
    readonly origin: string,
    private readonly fetcher: typeof fetch = globalThis.fetch.bind(globalThis),
  ) {}

  /** Remembers what setup, register or login answered. */
  signedIn(answer: SignedIn): SignedIn {
    this.#access = { token: answer.accessToken, expiresAt: answer.expiresAt };
    return answer;
  }

  signedOut(): void {
    this.#access = null;
    this.person = null;
  }

  /** A new access token by the refresh cookie; several callers share one exchange. Throws `unauthenticated` when there is no session. */
  renew(): Promise<SignedIn> {
    this.#renewal ??= this.call('POST', '/api/auth/refresh', SignedIn, { json: {} })
      .then((answer) => this.signedIn(this.#ofThisPerson(answer)))
      .catch((error: unknown) => {
        this.#access = null;
        throw error;
      })
      .finally(() => (this.#renewal = null));
    return this.#renewal;
  }

  #ofThisPerson(answer: SignedIn): SignedIn {
    if (this.person === null || answer.user.id === this.person) return answer;
    throw new ConclaveError('session-ended', 'Somebody else has signed in in this browser.');
  }

  /** Without a token: what anyone may ask. */
  async call<T>(method: Method, path: string, schema: z.ZodType<T>, body?: Body): Promise<T> {
    return parsed(schema, await this.#fetch(method, path, body, null));
  }

  /** With the session's token; an expired one is renewed once. */
  async as<T>(method: Method, path: string, schema: z.ZodType<T>, body?: Body): Promise<T> {
    return parsed(schema, await this.#authorised(method, path, body));
  }

  /** With the session's token, where nothing is answered. */
  async ask(method: Method, path: string, body?: Body): Promise<void> {
    await this.#authorised(method, path, body);
  }

  /** With the session's token; the answer is bytes. */
  async bytes(path: string): Promise<Uint8Array> {
    const response = await this.#authorised('GET', path);
    return new Uint8Array(await response.arrayBuffer().catch(unreachable));
  }

  /** With the session's token; bytes that come one after the other, from `from` on. Null where there are none. */
  async stream(path: string, from: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | null> {
    const response = await this.#authorised('GET', path, undefined, { signal, headers: from > 0 ? { range: `bytes=${from}-` } : {} });
    return response.status === (from > 0 ? 206 : 200) ? response.body : null;
  }

  /** With the session's token; many bytes, as long as they take. */
  async put<T>(path: string, schema: z.ZodType<T>, bytes: Uint8Array, signal: AbortSignal): Promise<T> {
    return parsed(schema, await this.#authorised('PUT', path, { bytes }, { signal }));
  }

  async #authorised(method: Method, path: string, body?: Body, patience?: Patience): Promise<Response> {
    if (!this.#access || this.#access.expiresAt - Date.now() < renewBeforeMs) await this.#renewOrEnd();
    const token = this.#token();
    try {
      return await this.#fetch(method, path, body, token, patience);
    } catch (error) {
      if (error instanceof ConclaveError && error.code === 'session-ended') this.onSessionEnded();
      if (!(error instanceof ConclaveError) || error.code !== 'unauthenticated') throw error;
      if (this.#access?.token === token) await this.#renewOrEnd(); // unless another request has renewed it meanwhile
      return this.#fetch(method, path, body, this.#token(), patience);
    }
  }

  #token(): string {
    if (!this.#access) throw new ConclaveError('unauthenticated', 'Sign in first.');
    return this.#access.token;
  }

  async #renewOrEnd(): Promise<void> {
    try {
      await this.renew();
    } catch (error) {
      if (error instanceof ConclaveError && (error.code === 'unauthenticated' || error.code === 'session-ended')) this.onSessionEnded();
      throw error;
    }
  }

  async #fetch(method: Method, path: string, body: Body, token: string | null, patience?: Patience): Promise<Response> {
    const headers: Record<string, string> = { ...patience?.headers };
    if (token) headers['authorization'] = `Bearer ${token}`;
    if (body) headers['content-type'] = 'json' in body ? 'application/json' : 'application/octet-stream';
    const payload = body && ('json' in body ? JSON.stringify(body.json) : (body.bytes as Uint8Array<ArrayBuffer>));
    let response: Response;
    try {
      response = await this.fetcher(this.origin + path, {
        method,
        headers,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: patience?.signal ?? AbortSignal.timeout(timeoutMs),
        ...(payload === undefined ? {} : { body: payload }),
      });
    } catch (cause) {
      return unreachable(cause);
    }
    if (!response.ok) throw await errorOf(response);
    return response;
  }
}

async function parsed<T>(schema: z.ZodType<T>, response: Response): Promise<T> {
  const result = schema.safeParse(await json(response));
  if (!result.success) throw new ConclaveError('internal', 'The server answered in a way this version does not understand.');
  return result.data;
}

function unreachable(cause: unknown): never {
  throw Object.assign(new ConclaveError('unavailable', 'The server cannot be reached.'), { cause });
}

/** Undefined when it is not JSON; an answer that breaks off is a server that cannot be reached. */
async function json(response: Response): Promise<unknown> {
  const text = await response.text().catch(unreachable);
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // judged by whoever expected something
  }
}

async function errorOf(response: Response): Promise<ConclaveError> {
  const body = ErrorBody.safeParse(await json(response));
  if (body.success) return new ConclaveError(body.data.code, body.data.text, body.data.retryAfterMs, body.data.reason);
  // Not our server's words: a proxy between, or something else altogether.
  const code: ErrorCode = response.status >= 500 ? 'unavailable' : response.status === 404 ? 'not-found' : 'bad-request';
  return new ConclaveError(code, `The server answered ${response.status}.`);
}
