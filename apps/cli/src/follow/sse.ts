/** One event of a stream of server-sent events. */
export interface SentEvent {
  readonly id: string;
  readonly data: string;
}

/** Reads server-sent events (WHATWG HTML, 9.2.6) as far as our streams use them: id, data of one line, comments. */
export async function* sentEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<SentEvent, void, undefined> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map(fieldOf));
      const data = fields.get('data');
      if (data !== undefined) yield { id: fields.get('id') ?? '', data };
    }
  }
}

function fieldOf(line: string): [string, string] {
  const end = line.indexOf(':');
  return [line.slice(0, Math.max(0, end)), line.slice(end + 1).replace(/^ /, '')];
}
