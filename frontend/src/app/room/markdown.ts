import MarkdownIt from 'markdown-it';
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

/** Rows come and go while one scrolls: what was rendered is kept, newest use last. */
const rendered = new Map<string, string>();
const KEPT = 400;

export function renderMarkdown(source: string): string {
  const known = rendered.get(source);
  if (known !== undefined) rendered.delete(source);
  const html = known ?? markdown.render(source);
  rendered.set(source, html);
  if (rendered.size > KEPT) rendered.delete(rendered.keys().next().value!);
  return html;
}
