import { SecurityContext } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { DomSanitizer } from '@angular/platform-browser';
import { describe, expect, it, vi } from 'vitest';
import { highlighting } from './highlighting.ts';
import { renderMarkdown } from './markdown.ts';

/** As on the screen: rendered, then through Angular's sanitiser, as [innerHTML] does; parsed without loading or running anything. */
function shown(source: string): HTMLElement {
  const html = TestBed.inject(DomSanitizer).sanitize(SecurityContext.HTML, renderMarkdown(source)) ?? '';
  return new DOMParser().parseFromString(html, 'text/html').body;
}

const allowed = new Set('P,STRONG,EM,S,A,CODE,PRE,BLOCKQUOTE,UL,OL,LI,BR,HR,H1,H2,H3,H4,H5,H6,TABLE,THEAD,TBODY,TR,TH,TD,SPAN'.split(','));
const attributes = new Set(['href', 'target', 'rel', 'title', 'class', 'start']);

const hostile = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<iframe src="javascript:alert(1)"></iframe>',
  '<object data="javascript:alert(1)"></object>',
  '<embed src="javascript:alert(1)">',
  '<a href="javascript:alert(1)">x</a>',
  '<math><mi xlink:href="javascript:alert(1)">x</mi></math>',
  '<style>body{display:none}</style>',
  '<link rel=stylesheet href=//evil.example/x.css>',
  '<base href="//evil.example/">',
  '<meta http-equiv=refresh content="0;url=//evil.example">',
  '<form action=//evil.example><input name=password></form>',
  '<video><source onerror=alert(1)></video>',
  '<details open ontoggle=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><script>alert(1)</script></template>',
  '<!--><img src=x onerror=alert(1)>-->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](&#106;avascript:alert(1))',
  '[x](java\tscript:alert(1))',
  '[x](java&#10;script:alert(1))',
  '[x](<javascript:alert(1)>)',
  '[x](\u0001javascript:alert(1))',
  '[x](%6aavascript:alert(1))',
  '[x](vbscript:msgbox(1))',
  '[x](data:text/html,<script>alert(1)</script>)',
  '[x](data:image/svg+xml;base64,PHN2Zy8+)',
  '[x](file:///etc/passwd)',
  '[x](blob:https://example.org/1)',
  '[x](//evil.example)',
  '[x](/api/auth/logout)',
  '[x][y]\n\n[y]: javascript:alert(1)',
  '<javascript:alert(1)>',
  '![x](https://evil.example/pixel.png)',
  '![x](javascript:alert(1))',
  '![x][y]\n\n[y]: https://evil.example/pixel.png',
  '[a](https://x.example/"onmouseover="alert(1))',
  '[a](https://x.example "onclick=alert(1)")',
  '```"><img src=x onerror=alert(1)>\ncode\n```',
  '`<img src=x onerror=alert(1)>`',
  '**<b onclick=alert(1)>bold</b>**',
  '| <img src=x onerror=alert(1)> |\n|---|\n| <script>1</script> |',
  `${'>'.repeat(5000)} deep`,
  `${'['.repeat(2000)}x${'](javascript:1)'.repeat(200)}`,
];

describe('Markdown of a message (MSG3)', () => {
  it.each(hostile)('makes nothing that runs, loads or leaves from %j', (source) => {
    for (const element of shown(source).querySelectorAll('*')) {
      expect(allowed).toContain(element.tagName);
      for (const { name } of element.attributes) expect(attributes).toContain(name);
      const href = element.getAttribute('href');
      if (href !== null) expect(href).toMatch(/^(https?:|mailto:)/);
      expect(element.hasAttribute('src')).toBe(false);
    }
  });
  it('keeps what was written readable when it takes its power', () => {
    expect(shown('<img src=x onerror=alert(1)>').textContent).toContain('<img src=x onerror=alert(1)>');
  });
  it('opens links of the web elsewhere, without telling where they were', () => {
    const link = shown('[docs](https://example.org/a)').querySelector('a');
    expect(link?.getAttribute('href')).toBe('https://example.org/a');
    expect(link?.getAttribute('target')).toBe('_blank');
    expect(link?.getAttribute('rel')).toBe('noopener noreferrer');
  });
  it('makes a link of a bare address', () =>
    expect(shown('see https://example.org/x.').querySelector('a')?.getAttribute('href')).toBe('https://example.org/x'));
  it.each(['**重要：**请更新', '这是**“重点”**内容', '**双重检查**过了。'])('makes bold beside Chinese punctuation: %s', (source) => {
    expect(shown(source).querySelector('strong')).not.toBeNull();
  });
  it('makes no bold of lone stars', () => expect(shown('2 ** 3 ** 4').querySelector('strong')).toBeNull());
  it('keeps single line breaks', () => expect(shown('one\ntwo').querySelector('br')).not.toBeNull());
});

describe('names that are called', () => {
  const called = (source: string) => [...shown(source).querySelectorAll('.mention')].map(({ textContent }) => textContent);
  it('stand out', () => expect(called('Hello @ann and **@bo-lin**.')).toEqual(['@ann', '@bo-lin']));
  it('do not in code, links and addresses', () => expect(called('`@ann` [@bob](https://x.example) a@carl.example')).toEqual([]));
  it('are text, whatever stands there', () => expect(shown('@ann<img src=x onerror=alert(1)>').querySelector('img')).toBeNull());
});

describe('code', () => {
  const coloured = async (source: string) => {
    renderMarkdown(source);
    await vi.waitFor(() => expect(highlighting()).toBe(1), 5_000);
    return shown(source);
  };
  it('gets colours by its language', async () => {
    const body = await coloured('```ts\nconst a = "<b>";\n```');
    expect(body.querySelector('.hljs-keyword')?.textContent).toBe('const');
    expect(body.querySelector('b')).toBeNull();
  });
  it('is plain in a language nobody knows', async () =>
    expect((await coloured('```nonsense\nconst a\n```')).querySelector('[class^=hljs-]')).toBeNull());
});
