import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import type { NextFunction, Request, Response } from 'express';
import * as z from 'zod';
import { version } from './version.ts';

/** OpenAPI from the very schemas that validate, at /api/docs; the page of its own viewer needs a looser policy than the product. */
export function describeApi(app: NestExpressApplication): void {
  const outline = new DocumentBuilder().setTitle('Conclave').setVersion(version).addBearerAuth().build();
  const document = SwaggerModule.createDocument(app, outline, { standardSchemaConverter: toJsonSchema });
  app.use('/api/docs', (_: Request, response: Response, next: NextFunction) => {
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    next();
  });
  SwaggerModule.setup('api/docs', app, document, { jsonDocumentUrl: 'api/docs/openapi.json', yamlDocumentUrl: 'api/docs/openapi.yaml' });
}

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
