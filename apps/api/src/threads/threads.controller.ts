import { Controller, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { subjectToken } from '@summit/kernel';
import { type FastifyRequest } from 'fastify';
import { type Sent } from '../http/sent.ts';
import { RunStarter } from '../runs/run-starter.ts';

@Controller('v1/threads')
export class ThreadsController {
  readonly #starter: RunStarter;

  constructor(@Inject(RunStarter) starter: RunStarter) {
    this.#starter = starter;
  }

  /** Starts a run on a thread that the caller names; it is made with its first run. Runs of a thread take turns. */
  @Post(':id/runs')
  @HttpCode(201)
  start(
    @Req() request: FastifyRequest,
    @Param('id') threadId: string,
    @Query('wait') wait?: string,
  ): Promise<Sent> {
    subjectToken(threadId); // throws INVALID_ID for what no subject can name
    return this.#starter.start(request, threadId, wait);
  }
}
