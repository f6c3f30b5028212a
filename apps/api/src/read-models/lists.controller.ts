import { Controller, Get, Inject, Param, Query, Req } from '@nestjs/common';
import { NotFoundError, subjectToken } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import { type Page, type RunSummary, type ThreadMessage, type ThreadSummary } from '@summit/read-models';
import { type FastifyRequest } from 'fastify';
import { type ListQuery, pageRequestOf, statusOfQuery } from './list-query.ts';
import { ReadModelAccess } from './read-model-access.ts';

interface RunsQuery extends ListQuery {
  readonly status?: string;
  readonly workflow?: string;
  readonly thread?: string;
}

/** What there is and was, newest first: of the caller's tenant, a page at a time. */
@Controller('v1')
export class ListsController {
  readonly #readModels: ReadModelAccess;
  readonly #callers: Callers;

  constructor(@Inject(ReadModelAccess) readModels: ReadModelAccess, @Inject(Callers) callers: Callers) {
    this.#readModels = readModels;
    this.#callers = callers;
  }

  @Get('runs')
  async runs(@Req() request: FastifyRequest, @Query() query: RunsQuery): Promise<Page<RunSummary>> {
    const { tenant } = await this.#callers.identify(request);
    const { status, workflow, thread } = query;
    const wanted = {
      ...pageRequestOf(query),
      ...(status !== undefined && { status: statusOfQuery(status) }),
      ...{ workflow, threadId: thread },
    };
    return this.#readModels.ask((models) => models.runs(tenant, wanted));
  }

  @Get('threads')
  async threads(@Req() request: FastifyRequest, @Query() query: ListQuery): Promise<Page<ThreadSummary>> {
    const { tenant } = await this.#callers.identify(request);
    const page = pageRequestOf(query);
    return this.#readModels.ask((models) => models.threads(tenant, page));
  }

  /** [C4.1] In the order in which they were said, across the thread's runs. */
  @Get('threads/:id/messages')
  async messages(
    @Req() request: FastifyRequest,
    @Param('id') threadId: string,
    @Query() query: ListQuery,
  ): Promise<Page<ThreadMessage>> {
    const { tenant } = await this.#callers.identify(request);
    subjectToken(threadId);
    const page = pageRequestOf(query);
    const found = await this.#readModels.ask((models) => models.messages(tenant, threadId, page));
    if (found) return found;
    throw new NotFoundError(
      'THREAD_NOT_FOUND',
      'there is no such thread, or the lists have not come to it yet',
      'Check the id; /readyz says how far the lists are.',
    );
  }
}
