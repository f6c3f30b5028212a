import { RE2JS } from 're2js';

/** A regular expression as Ajv uses it; it tells them apart by their text. */
interface Pattern {
  test(text: string): boolean;
  toString(): string;
}

/** What Ajv compiles patterns with. */
export interface PatternEngine {
  (source: string): Pattern;
  code: string;
}

/**
 * Compiles the patterns of schemas to what answers in time linear in the text: V8's own engine may go back over a text
 * for hours, and with it the whole partition. What can not be done so (looking ahead, references back) is told to
 * `unreadable` and matches everything: executors parse by the definition itself before they run anything.
 */
export function patternEngine(unreadable: (source: string) => void): PatternEngine {
  const compile = (source: string): Pattern => {
    const found = tryCompile(source);
    if (!found) unreadable(source);
    return { test: (text) => found?.test(text) ?? true, toString: () => source };
  };
  return Object.assign(compile, { code: 'pattern' });
}

function tryCompile(source: string): RE2JS | undefined {
  // What means something to RE2 alone, such as \A, is no unicode expression of JavaScript.
  if (!isExpression(source, 'u')) return undefined;
  try {
    return RE2JS.compile(RE2JS.translateRegExp(withSpaces(source)));
  } catch {
    return undefined;
  }
}

/** Whether a text is a regular expression under the flags. */
export function isExpression(source: string, flags: '' | 'u'): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false;
  }
}

const SPACE = String.raw`\t-\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff`;
const NO_SPACE = String.raw`\x00-\x08\x0e-\x1f!-\u009f\u00a1-\u167f\u1681-\u1fff\u200b-\u2027\u202a-\u202e\u2030-\u205e\u2060-\u2fff\u3001-\ufefe\uff00-\u{10ffff}`;

/** RE2 knows fewer spaces than JavaScript: written out. */
function withSpaces(source: string): string {
  let inClass = false;
  return source.replace(/\\[^]|[[\]]/g, (token) => {
    if (token === '[') inClass = true;
    if (token === ']') inClass = false;
    if (token.toLowerCase() !== String.raw`\s`) return token;
    const members = token === String.raw`\s` ? SPACE : NO_SPACE;
    return inClass ? members : `[${members}]`;
  });
}
