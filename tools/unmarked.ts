import { parseTemplate, TmplAstBoundText, TmplAstText, type TmplAstNode } from '@angular/compiler';
import { readFileSync } from 'node:fs';
import ts from 'typescript';

/** Attributes whose values people read or hear. */
const read = new Set(['aria-label', 'placeholder', 'matTooltip', 'title', 'alt', 'label', 'heading', 'hint']);
const words = (text: string): boolean => /\p{L}{2}/u.test(text.replaceAll(/\{\{[^]*?\}\}|&\w+;/g, ''));

type Node = TmplAstNode & {
  name?: string;
  attributes?: { name: string; value: string }[];
  inputs?: { name: string; value?: { source?: string | null } }[];
};

/** Words of a template that never pass a dictionary: text and attributes without `| t`. Code and keys are the same in every language. */
export function unmarkedIn(template: string, file: string): string[] {
  const { nodes, errors } = parseTemplate(template, file, { preserveWhitespaces: true });
  if (errors?.length) throw new Error(`${file}: ${errors[0]!.msg}`);
  const found: string[] = [];
  const visit = (node: Node): void => {
    if (node.name === 'code' || node.name === 'kbd') return;
    if (node instanceof TmplAstText || node instanceof TmplAstBoundText) {
      const text = node.sourceSpan.toString();
      if (words(text)) found.push(`${file}: ${text.trim().replaceAll(/\s+/g, ' ')}`);
    }
    for (const { name, value } of node.attributes ?? []) if (read.has(name) && words(value)) found.push(`${file}: ${name}="${value}"`);
    for (const { name, value } of node.inputs ?? [])
      if (read.has(name) && value?.source?.includes('{{') && words(value.source)) found.push(`${file}: ${name}="${value.source}"`);
    for (const part of ['children', 'branches', 'cases', 'groups', 'empty', 'placeholder', 'loading', 'error'] as const) {
      const inner = (node as unknown as Record<string, Node | Node[] | null | undefined>)[part];
      for (const child of Array.isArray(inner) ? inner : inner ? [inner] : []) if (typeof child === 'object') visit(child);
    }
  };
  nodes.forEach(visit);
  return found;
}

/** The templates of a source file: the whole of an `.html`, the inline ones of a component. */
export function templatesOf(file: string): string[] {
  const source = readFileSync(file, 'utf8');
  if (file.endsWith('.html')) return [source];
  const templates: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'template' && ts.isNoSubstitutionTemplateLiteral(node.initializer))
      templates.push(node.initializer.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true));
  return templates;
}
