import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { branded } from './brand.ts';
import { ConfigError, readConfig } from './config.ts';

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'conclave-brand-'))));
afterAll(() => rmSync(dir, { recursive: true }));

const file = (name: string, bytes: string | Buffer) => {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
};
const brandOf = (environment: Record<string, string>) => readConfig(environment).brand;

describe('how the house looks (APP2)', () => {
  it('is plain unless something is set', () => expect(brandOf({})).toEqual({ color: null, url: null, logo: null }));
  it('has a colour, an address and a logo', () => {
    const brand = brandOf({
      SITE_COLOR: '#A1b2C3',
      SITE_URL: 'https://www.example.org/about',
      SITE_LOGO: file('logo.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    });
    expect(brand).toMatchObject({ color: '#A1b2C3', url: 'https://www.example.org/about', logo: { type: 'image/svg+xml' } });
  });
  it.each([
    ['SITE_COLOR', () => 'teal'],
    ['SITE_COLOR', () => '#fff;} body{display:none'],
    ['SITE_URL', () => 'javascript:alert(1)'],
    ['SITE_LOGO', () => join(dir, 'missing.png')],
    ['SITE_LOGO', () => file('logo.html', '<script>')],
    ['SITE_LOGO', () => file('large.png', Buffer.alloc(300 * 1024))],
  ])('names %s when it makes no sense', (name, value) => {
    expect(() => readConfig({ [name]: value() })).toThrow(ConfigError);
    expect(() => readConfig({ [name]: value() })).toThrow(name);
  });
  it('calls the installed app by its name', () => {
    const manifest = JSON.stringify({ name: 'Conclave', short_name: 'Conclave', theme_color: '#000000', start_url: '/' });
    expect(JSON.parse(branded(manifest, 'Northgate', { color: '#123456', url: null, logo: null }))).toEqual({
      name: 'Northgate',
      short_name: 'Northgate',
      theme_color: '#123456',
      start_url: '/',
    });
  });
});
