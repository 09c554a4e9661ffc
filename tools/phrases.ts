import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/*
 * Every phrase the screens can show, read from the sources: what stands before `| t` in templates, in `t(…)`, and in tables of words that go
 * through one of the two later. A dictionary is whole when it has each of them (APP4).
 */

/** Properties of tables whose strings are shown. */
const shown = new Set(['words', 'name', 'title', 'yes', 'text', 'about', 'consequence', 'brief', 'full', 'label', 'hint', 'heading']);
/** What reads like words rather than code. */
const sentence = /^(?:[A-Z“\d][^]*[a-z]|[a-z]+,? [a-z])/;
/** One word of a table; not what stands on a key. */
const word = /^(?!(?:Ctrl|Shift|Alt|Enter|Esc|End|Tab)$)\p{Lu}\p{Ll}+…?$/u;
const literal = /'((?:[^'\\\n]|\\.)*)'/g;

/** Phrase → the file it was first found in. */
export function phrasesIn(root: string): Map<string, string> {
  const found = new Map<string, string>();
  const add = (phrase: string, file: string) => found.set(phrase, found.get(phrase) ?? file);
  for (const file of filesIn(join(root, 'frontend/src/app'))) {
    const source = readFileSync(file, 'utf8');
    if (file.endsWith('.html')) for (const phrase of ofTemplate(source)) add(phrase, file);
    else for (const phrase of ofScript(file, source)) add(phrase, file);
  }
  for (const name of ['advice', 'checks', 'doctor']) {
    const file = join(root, `libs/client/src/doctor/${name}.ts`);
    for (const phrase of ofTables(ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true))) add(phrase, file);
  }
  for (const phrase of found.keys()) if (!isWords(phrase)) found.delete(phrase);
  return found;
}

/** Not keys to press, examples of what a search takes, drawings, or places for values alone. */
function isWords(phrase: string): boolean {
  const bare = phrase.replaceAll(/\{\w+\}/g, '');
  return /\p{L}{2}/u.test(bare) && !/^(Ctrl|Alt|Shift)-|^\w+:\S+$|^M[\d. ]+[a-z]/.test(bare);
}

export function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|html)$/.test(name) && !/\.test\.ts$|(^|\/)(chinese|language|icons)\.ts$/.test(name))
    .map((name) => join(directory, name));
}

/** Strings of every binding or interpolation that ends in `| t`, but those that are compared. */
export function ofTemplate(source: string): string[] {
  const bindings = [...source.matchAll(/="([^"]*)"|\{\{([^]*?)\}\}/g)].map(([, bound, inner]) => inner ?? bound ?? '');
  return bindings.flatMap((binding) => {
    if (!/\|\s*t\b/.test(binding)) return [];
    const before = binding.replaceAll(/[!=]==?\s*'[^']*'|'[^']*'\s*[!=]==/g, '');
    return [...before.matchAll(literal)].map(([, text = '']) => plain(text)).filter((text) => /\p{L}/u.test(text));
  });
}

function plain(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll(/\\(.)/g, '$1');
}

function ofScript(file: string, code: string): string[] {
  const source = ts.createSourceFile(file, code, ts.ScriptTarget.Latest, true);
  const phrases: string[] = [...ofTables(source)];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && node.name.getText() === 'template' && ts.isNoSubstitutionTemplateLiteral(node.initializer))
      phrases.push(...ofTemplate(node.initializer.text));
    // Questions and toasts translate what they are given.
    if (ts.isPropertyAssignment(node) && shown.has(node.name.getText()) && ts.isStringLiteralLike(node.initializer)) {
      if (/^\p{Lu}\p{Ll}/u.test(node.initializer.text)) phrases.push(node.initializer.text);
    }
    if (ts.isCallExpression(node) && node.expression.getText() === 't' && node.arguments[0]) phrases.push(...strings(node.arguments[0]));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return phrases;
}

function strings(node: ts.Expression): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...strings(node.whenTrue), ...strings(node.whenFalse)];
  if (ts.isBinaryExpression(node)) return strings(node.right);
  return ts.isParenthesizedExpression(node) ? strings(node.expression) : [];
}

/** Strings outside functions that are shown later: sentences, and words under the properties above. */
function ofTables(source: ts.SourceFile): string[] {
  const phrases: string[] = [];
  const visit = (node: ts.Node, shows: boolean): void => {
    if (ts.isImportDeclaration(node) || ts.isTypeNode(node) || ts.isDecorator(node)) return;
    if (ts.isFunctionLike(node) && !source.fileName.includes('/doctor/')) return;
    if (ts.isNewExpression(node)) return;
    if (ts.isPropertyAssignment(node)) return visit(node.initializer, shown.has(node.name.getText()));
    if (ts.isStringLiteralLike(node)) {
      const text = node.text;
      if (shows ? /\p{Lu}\p{Ll}|\p{Ll}\p{Ll} /u.test(text) : word.test(text) || (sentence.test(text) && text.includes(' ')))
        phrases.push(text);
      return;
    }
    ts.forEachChild(node, (child) => visit(child, shows));
  };
  visit(source, false);
  return phrases;
}
