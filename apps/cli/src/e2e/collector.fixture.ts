import { createServer, type Server } from 'node:http';
import { waitFor } from '@summit/servers';
import { z } from 'zod';

const attribute = z.object({ key: z.string(), value: z.looseObject({ stringValue: z.string().optional() }) });
const spanSchema = z.looseObject({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  links: z.array(z.looseObject({ traceId: z.string() })).default([]),
});
const request = z.object({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes: z.array(attribute) }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(spanSchema) })),
    }),
  ),
});

/** A span as it arrived, and the service that made it. */
export type Collected = z.infer<typeof spanSchema> & { readonly service: string };

/** Takes OTLP over HTTP (JSON), as an OpenTelemetry collector does. */
export class Collector {
  readonly spans: Collected[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((incoming, answer) => {
      const chunks: Buffer[] = [];
      incoming
        .on('data', (chunk: Buffer) => chunks.push(chunk))
        .on('end', () => {
          this.#take(Buffer.concat(chunks).toString());
          answer.writeHead(200, { 'content-type': 'application/json' }).end('{}');
        });
    });
  }

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve));
    return collector;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${String(typeof address === 'object' ? address?.port : 0)}`;
  }

  /** The first span that is what is looked for, or undefined when it does not come. */
  find(isIt: (span: Collected) => boolean): Promise<Collected | undefined> {
    return waitFor(() => this.spans.find(isIt), { deadlineMs: 30_000, everyMs: 50 });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(text: string): void {
    for (const { resource, scopeSpans } of request.parse(JSON.parse(text)).resourceSpans) {
      const name = resource.attributes.find(({ key }) => key === 'service.name');
      const service = name?.value.stringValue ?? '';
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((span) => ({ ...span, service })));
    }
  }
}
