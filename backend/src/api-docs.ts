import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import * as z from 'zod';
import { ErrorBody } from '../../libs/protocol/src/index.ts';
import { version } from './version.ts';

/** OpenAPI from the very schemas that validate, at /api/docs; the page of its own viewer needs a looser policy than the product. */
export function describeApi(app: NestExpressApplication): void {
  const outline = new DocumentBuilder().setTitle('Conclave').setVersion(version).addBearerAuth().build();
  const document = SwaggerModule.createDocument(app, outline, { standardSchemaConverter: toJsonSchema });
  nameErrors(document);
  app.use('/api/docs', (_: Request, response: Response, next: NextFunction) => {
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    next();
  });
  SwaggerModule.setup('api/docs', app, document, { jsonDocumentUrl: 'api/docs/openapi.json', yamlDocumentUrl: 'api/docs/openapi.yaml' });
}

type Operation = { responses: Record<string, unknown>; security?: unknown[] };
const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;
const answers: Record<number, string> = {
  400: 'The request is malformed; the text names the field.',
  401: 'Nobody is signed in, or what was shown opens nothing.',
  403: 'Not for this caller.',
  404: 'It is not there, or not for this caller.',
  409: 'It does not fit with what is there now.',
  413: 'Too large.',
  422: 'The commit does not follow from the group.',
  429: 'Too often: wait as long as Retry-After says.',
  503: 'Not now: try again.',
};

/** The answers that any route of its kind can give. 500 is not among them: it is a mistake of ours, and a test that meets one must fail. */
function nameErrors(document: OpenAPIObject): void {
  (document.components ??= {}).schemas = {
    ...document.components.schemas,
    ErrorBody: toJsonSchema(ErrorBody, { schemaType: 'output' })!.schema as object,
  };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of methods) {
      const operation = item[method] as Operation | undefined;
      if (operation) for (const status of errorsOf(path, method, operation)) operation.responses[status] ??= errorAnswer(answers[status]!);
    }
  }
}

function errorsOf(path: string, method: string, { security }: Operation): number[] {
  const named = path.includes('{');
  const closed = security !== undefined || /^\/(api\/(auth|setup)|sso)/.test(path);
  return [
    ...(method !== 'get' ? [400, 409, 413] : named || /^\/api\/(admin|moderation)/.test(path) ? [400] : []),
    ...(closed ? [401, 403] : []),
    ...(named || /^\/api\/(moderation|reports|site-logo)/.test(path) ? [404] : []),
    ...(path.startsWith('/api/rooms/{room}/') && method === 'post' ? [422] : []),
    ...(path.startsWith('/api/') || path === '/sso' ? [429] : []),
    503,
  ];
}

const errorAnswer = (description: string) => ({
  description,
  content: { 'application/json': { schema: { $ref: '#/components/schemas/ErrorBody' } } },
});

function toJsonSchema(schema: unknown, { schemaType }: { schemaType: 'input' | 'output' }): { schema: unknown } | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io: schemaType,
    target: 'openapi-3.0',
    unrepresentable: 'any',
    reused: 'inline',
  });
  return { schema: rest };
}
