import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { errorRecord, RefusedError } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { ProvenanceGraph } from './graph/provenance-graph.ts';

@Controller('v1/rebuild')
export class RebuildController {
  readonly #graph: ProvenanceGraph;
  readonly #callers: Callers;

  constructor(@Inject(ProvenanceGraph) graph: ProvenanceGraph, @Inject(Callers) callers: Callers) {
    this.#graph = graph;
    this.#callers = callers;
  }

  /**
   * Drops the graph and writes it again from the journal; for operators of its tenant. Answers JSON lines while it goes
   * on: `{done, all}` in groups of the journal, at last `{before, after}` or `{error}`.
   */
  @Post()
  @HttpCode(200)
  async rebuild(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { roles, tenant } = await this.#callers.identify(request);
    if (!roles.includes('operator') || tenant !== this.#graph.tenant) {
      throw new RefusedError('ROLE_MISSING', 'only an operator may rebuild the graph', 'Ask an operator.');
    }
    const lines = new Readable({ read: () => undefined });
    const say = (line: object): void => {
      lines.push(`${JSON.stringify(line)}\n`);
    };
    void this.#graph
      .rebuild((done, all) => {
        say({ done, all });
      })
      .then(say, (error: unknown) => {
        say({ error: errorRecord(error) });
      })
      .finally(() => lines.push(null));
    await reply.header('content-type', 'application/x-ndjson; charset=utf-8').send(lines);
  }
}
