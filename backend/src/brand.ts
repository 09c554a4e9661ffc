import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import * as z from 'zod';

/** Pictures a browser shows in an <img> without running anything in them, SVG too. */
const types: Record<string, string> = { '.svg': 'image/svg+xml', '.png': 'image/png', '.webp': 'image/webp' };
const largest = 256 * 1024;

/** How the house looks to people (APP2). `logo`: its bytes and media type. */
export type Brand = { color: string | null; url: string | null; logo: { bytes: Buffer; type: string } | null };

export const brandFields = {
  SITE_COLOR: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour like #0d5c4e')
    .optional(),
  SITE_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  SITE_LOGO: z.string().optional(),
};

type Fields = z.output<z.ZodObject<typeof brandFields>>;

/** Throws Error with words for the operator when the logo cannot be used. */
export function readBrand({ SITE_COLOR: color, SITE_URL: url, SITE_LOGO: logo }: Partial<Fields>): Brand {
  return { color: color ?? null, url: url ?? null, logo: logo === undefined ? null : readLogo(resolve(logo)) };
}

function readLogo(path: string): NonNullable<Brand['logo']> {
  const type = types[extname(path).toLowerCase()];
  if (!type) throw new Error('must be a .svg, .png or .webp file');
  const bytes = readFileSync(path);
  if (bytes.length > largest) throw new Error(`must have at most ${largest / 1024} KiB`);
  return { bytes, type };
}

/** The manifest of the installable app, called and coloured as the house is. */
export function branded(manifest: string, name: string, { color }: Brand): string {
  const own = JSON.parse(manifest) as Record<string, unknown>;
  return JSON.stringify({ ...own, name, short_name: name.slice(0, 24), ...(color ? { theme_color: color } : {}) });
}
