import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import { NotFoundError } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { ProvenanceGraph } from '../graph/provenance-graph.ts';
import { depthOf, directionOf, formatOf, tell } from './formats.ts';

@Controller('v1/lineage')
export class LineageController {
  readonly #graph: ProvenanceGraph;
  readonly #callers: Callers;

  constructor(@Inject(ProvenanceGraph) graph: ProvenanceGraph, @Inject(Callers) callers: Callers) {
    this.#graph = graph;
    this.#callers = callers;
  }

  /** What a run, an approval, an event or a node came from, or what came of it. The caller's own tenant's alone. // I8 */
  @Get(':id')
  async lineage(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Query() asked: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { tenant } = await this.#callers.identify(request);
    const format = formatOf(asked['format']);
    const query = { direction: directionOf(asked['direction']), depth: depthOf(asked['depth']) };
    if (tenant !== this.#graph.tenant) throw notYours(id);
    const graph = await this.#graph.graph();
    const { contentType, body } = tell(await graph.lineage(id, query), format, graph.root);
    await reply.header('content-type', contentType).send(body);
  }
}

/** Says no more than of what is not there. */
const notYours = (id: string): NotFoundError =>
  new NotFoundError(
    'LINEAGE_NOT_FOUND',
    `the graph holds nothing of ${JSON.stringify(id.slice(0, 200))}`,
    'Give the id of a run, an approval, an event or a node; a new one may take a moment to arrive.',
  );
