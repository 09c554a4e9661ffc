/* Draws the PNG icons of the manifest from the two SVG marks: `node frontend/icons.mjs`, after a change of the mark. */
import { readFile } from 'node:fs/promises';
import { chromium } from '@playwright/test';

const folder = new URL('./public/', import.meta.url);
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
for (const [svg, png, size] of [
  ['favicon.svg', 'icons/icon-192.png', 192],
  ['favicon.svg', 'icons/icon-512.png', 512],
  ['icons/maskable.svg', 'icons/maskable-512.png', 512],
]) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const mark = await readFile(new URL(svg, folder), 'utf8');
  await page.setContent(`<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${mark}`);
  await page.screenshot({ path: new URL(png, folder).pathname, omitBackground: true });
  await page.close();
}
await browser.close();
