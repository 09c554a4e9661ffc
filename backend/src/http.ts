import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import helmet from 'helmet';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConclaveError, limits, type ErrorBody, type ErrorCode } from '../../libs/protocol/src/index.ts';
import { checkShape } from './gateway/bounded-json.ts';
import { nulFound, refuseOtherCharsets } from './text-bodies.ts';

const statusOf: Partial<Record<ErrorCode, number>> = {
  'bad-frame': 400, 'bad-request': 400, 'too-large': 413, 'not-found': 404, unauthenticated: 401, 'bad-credentials': 401, forbidden: 403,
  'bad-ticket': 401, 'bad-origin': 403, 'session-ended': 401, 'bad-invite': 403, 'bad-setup-link': 403, 'registration-closed': 403,
  'weak-password': 400, 'account-locked': 403, 'another-door': 403, 'bad-reset-link': 403, banned: 403, 'bad-report': 400, 'bad-token': 401, 'slow-down': 429, 'server-full': 503, 'not-member': 403, 'bad-commit': 422, 'not-ready': 503, unavailable: 503, internal: 500,
}; // prettier-ignore
const CONFLICT = 409;
const JSON_BYTES = 512 * 1024;
const FORM_BYTES = 16 * 1024;

/** Every error leaves as ErrorBody; what was not meant for the caller stays in the log. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  readonly #logger = new Logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    const response = host.switchToHttp().getResponse<Response>();
    const known = named(error);
    if (!known) this.#logger.error(error);
    sendError(response, known ?? new ConclaveError('internal', 'something went wrong here; it was logged: try again'));
  }
}

export function sendError(response: Response, { code, message: text, retryAfterMs, reason }: ConclaveError): void {
  if (response.headersSent) return void response.end();
  if (retryAfterMs !== undefined) response.setHeader('Retry-After', Math.max(1, Math.ceil(retryAfterMs / 1000)));
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', 'application/json; charset=utf-8'); // also where success would be bytes
  const body: ErrorBody = {
    code,
    text,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(reason === undefined ? {} : { reason }),
  };
  response.status(statusOf[code] ?? CONFLICT).json(body);
}

function named(error: unknown): ConclaveError | null {
  if (error instanceof ConclaveError) return error;
  const status = error instanceof HttpException ? error.getStatus() : (error as { status?: unknown } | null)?.status;
  if (typeof status !== 'number' || status < 400 || status >= 500) return null;
  if (status === 404) return new ConclaveError('not-found', 'there is nothing here');
  if (status === 413) return new ConclaveError('too-large', 'this is too large');
  if (error instanceof SyntaxError) return new ConclaveError('bad-request', 'body: is not well-formed JSON');
  return new ConclaveError('bad-request', 'this request is malformed');
}

type Issue = { readonly message: string; readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined };
const ISSUES_TOLD = 5;

/** Names the fields, never what was in them. */
export function badRequest(issues: readonly Issue[]): ConclaveError {
  const told = issues.slice(0, ISSUES_TOLD).map(({ path, message }) => {
    const field = (path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
    return `${field.slice(0, 100) || 'request'}: ${message.slice(0, 200)}`;
  });
  return new ConclaveError('bad-request', told.join('; '));
}

export function protectAndParse(app: NestExpressApplication): void {
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(securityHeaders());
  app.use((_: Request, response: Response, next: NextFunction) => {
    response.setHeader(
      'Permissions-Policy',
      'camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()',
    );
    next();
  });
  app.use('/api', (request: Request, response: Response, next: NextFunction) => {
    response.setHeader('Cache-Control', 'no-store');
    if (isForeign(request)) return sendError(response, new ConclaveError('bad-origin', 'this page may not ask on behalf of its visitors'));
    next();
  });
  app.use(refuseOtherCharsets);
  const verify = (_: IncomingMessage, __: ServerResponse, body: Buffer) => checkBody(body);
  const json: object = { limit: JSON_BYTES, verify };
  app.useBodyParser('json', json);
  const form: object = { limit: FORM_BYTES, extended: false, parameterLimit: 16, verify: refuseNul };
  app.useBodyParser('urlencoded', form);
  app.useBodyParser('raw', { type: isWholeBinary, limit: limits.bundle });
}

/** Parts of files are not read into memory: they go to the disk as they come (files/). */
function isWholeBinary(request: IncomingMessage): boolean {
  const [path] = (request.url ?? '').split('?', 1);
  return !/^\/api\/rooms\/[^/]+\/files\//i.test(path!) && /^application\/octet-stream\s*(;|$)/i.test(request.headers['content-type'] ?? '');
}

/**
 * A page of another origin that makes a browser change something here: a form that signs it in as somebody else, say. Browsers tell so
 * themselves (Fetch Metadata, W3C); programs do not send it. The hand-off by form has a path of its own, outside /api.
 */
function isForeign({ method, headers }: Request): boolean {
  const site = headers['sec-fetch-site'];
  return method !== 'GET' && method !== 'HEAD' && site !== undefined && site !== 'same-origin' && site !== 'none';
}

function checkBody(body: Buffer): void {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    checkShape(text);
  } catch (error) {
    throw new ConclaveError('bad-request', `body: ${error instanceof SyntaxError ? error.message : 'is not UTF-8'}`);
  }
}

function refuseNul(_: IncomingMessage, __: ServerResponse, form: Buffer): void {
  if (/\0|%00/.test(form.toString('latin1'))) throw nulFound();
}

const self = "'self'";
function securityHeaders() {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': [self],
        'style-src': [self, "'unsafe-inline'"],
        'img-src': [self, 'data:', 'blob:'],
        'media-src': [self, 'blob:', 'mediastream:'],
        'font-src': [self],
        'connect-src': [self],
        'manifest-src': [self],
        'worker-src': [self],
        'base-uri': [self],
        'form-action': [self],
        'frame-ancestors': ["'none'"],
        'require-trusted-types-for': ["'script'"],
        'trusted-types': ['angular', 'angular#bundler', 'angular#components', 'default'],
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' },
    frameguard: { action: 'deny' },
  });
}
