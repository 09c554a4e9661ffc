import MarkdownIt from 'markdown-it';
import { highlighted, highlighting } from './highlighting.ts';
import { calledParts } from './mentions.ts';
import cjkFriendly from 'markdown-it-cjk-friendly';

/*
 * Markdown of a message → HTML (MSG3). Three walls: raw HTML is text (`html: false`), only addresses of the web and mail become links,
 * and the template binds the result by [innerHTML], so that Angular's sanitiser reads it once more. No image is ever loaded from an address somebody wrote.
 */
const safeAddress = /^(https?:\/\/|mailto:)/i;

const markdown = new MarkdownIt({ html: false, linkify: true, breaks: true, typographer: false, maxNesting: 20 })
  .disable('image')
  .use(cjkFriendly);
markdown.linkify.set({ fuzzyEmail: false });
markdown.validateLink = (address) => safeAddress.test(address.trim());
markdown.renderer.rules['link_open'] = (tokens, index, options, _env, renderer) => {
  const token = tokens[index]!;
  token.attrSet('target', '_blank');
  token.attrSet('rel', 'noopener noreferrer');
  return renderer.renderToken(tokens, index, options);
};

/* Names that are called stand out; which of them are members is not known here. */
markdown.core.ruler.push('mentions', (state) => {
  for (const { type, children } of state.tokens) if (type === 'inline' && children) splitMentions(children, state.Token);
});

type Token = ReturnType<typeof markdown.parse>[number];

function splitMentions(tokens: Token[], Token: new (type: string, tag: string, nesting: 0) => Token): void {
  let inLink = 0;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    inLink += token.type === 'link_open' ? 1 : token.type === 'link_close' ? -1 : 0;
    if (token.type !== 'text' || inLink) continue;
    const parts = token.content.split(calledParts);
    if (parts.length < 2) continue;
    const pieces = parts.map((content, i) => Object.assign(new Token(i % 2 ? 'mention' : 'text', '', 0), { content }));
    tokens.splice(at, 1, ...pieces);
    at += pieces.length - 1;
  }
}
markdown.renderer.rules['mention'] = (tokens, index) => `<span class="mention">${markdown.utils.escapeHtml(tokens[index]!.content)}</span>`;

/** Code in a language that is named gets its colours when they have been loaded (highlighting.ts); until then it is plain. */
markdown.options.highlight = (code, language) => highlighted(code, language) ?? '';

/** Rows come and go while one scrolls: what was rendered is kept, newest use last. */
const rendered = new Map<string, string>();
const KEPT = 400;

export function renderMarkdown(source: string): string {
  const key = `${highlighting()} ${source}`;
  const known = rendered.get(key);
  if (known !== undefined) rendered.delete(key);
  const html = known ?? markdown.render(source);
  rendered.set(key, html);
  if (rendered.size > KEPT) rendered.delete(rendered.keys().next().value!);
  return html;
}
