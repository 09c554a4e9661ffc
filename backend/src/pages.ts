import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type NextFunction, type Request, type Response } from 'express';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConclaveError } from '../../libs/protocol/src/index.ts';
import { branded } from './brand.ts';
import type { Config } from './config.ts';
import { sendError } from './http.ts';

const YEAR_S = 31_536_000;
const hashed = /-[A-Za-z0-9_-]{8}\.(js|css|woff2?|svg|png)$/;

/** The built client, beside the built server; in the sources, in the same place under dist/. */
export function findPages(configured: string | undefined): string | null {
  const beside = ['../../frontend/browser', '../../dist/frontend/browser'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  const candidates = configured === undefined ? beside : [resolve(configured)];
  return candidates.find((dir) => existsSync(join(dir, 'index.html'))) ?? null;
}

/** Files by name; any other path without an extension is a page of the client's own router. */
export function servePages(app: NestExpressApplication, dir: string | null, { siteName, brand }: Pick<Config, 'siteName' | 'brand'>): void {
  const notFound = (response: Response) => sendError(response, new ConclaveError('not-found', 'there is nothing here'));
  if (dir) {
    const plain = join(dir, 'manifest.webmanifest');
    const manifest = existsSync(plain) ? branded(readFileSync(plain, 'utf8'), siteName, brand) : null;
    if (manifest)
      app.use('/manifest.webmanifest', (_request: Request, response: Response) => {
        response.setHeader('Cache-Control', 'no-cache');
        response.type('application/manifest+json').send(manifest);
      });
    app.use(
      express.static(dir, {
        index: false,
        dotfiles: 'ignore',
        redirect: false,
        setHeaders: (response, path) => {
          response.setHeader('Cache-Control', hashed.test(path) ? `public, max-age=${YEAR_S}, immutable` : 'no-cache');
        },
      }),
    );
  }
  // What another app shares while the service worker that takes it on the device is not there yet: nothing of it is read, and the page says so.
  app.use('/share', ({ method, path }: Request, response: Response, next: NextFunction) => {
    if (method === 'POST' && path === '/') response.redirect(303, '/share?missed=unready');
    else next();
  });
  app.use((request: Request, response: Response, next: NextFunction) => {
    const { path, method } = request;
    const isPage = (method === 'GET' || method === 'HEAD') && !/^\/(api|socket|healthz|readyz)(\/|$)/.test(path) && extname(path) === '';
    if (!isPage) return next();
    if (!dir) return notFound(response);
    response.setHeader('Cache-Control', 'no-cache');
    response.sendFile('index.html', { root: dir });
  });
}
