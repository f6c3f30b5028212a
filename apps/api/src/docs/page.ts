import { type OpenApi } from './openapi.ts';

/** The operations as one HTML page that needs nothing else. */
export function operationsPage({ info, paths }: OpenApi): string {
  const rows = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { summary }]) =>
        `<tr><td><code>${method.toUpperCase()} ${escaped(path)}</code></td><td>${escaped(summary)}</td></tr>`,
    ),
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(info.title)}</title>
<h1>${escaped(info.title)}</h1>
<p>${escaped(info.description)} Requests carry <code>Authorization: Bearer &lt;token&gt;</code>; errors are
<code>application/problem+json</code> whose <code>type</code> leads to a page here. For programs:
<a href="/openapi.json">/openapi.json</a>.</p>
<table>${rows.join('\n')}</table>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
