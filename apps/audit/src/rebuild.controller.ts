import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { RefusedError } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import { type FastifyRequest } from 'fastify';
import { AuditLogs, type Rebuilt } from './logs/audit-logs.ts';

@Controller('v1/rebuild')
export class RebuildController {
  readonly #logs: AuditLogs;
  readonly #callers: Callers;

  constructor(@Inject(AuditLogs) logs: AuditLogs, @Inject(Callers) callers: Callers) {
    this.#logs = logs;
    this.#callers = callers;
  }

  /** Makes every tile anew from the journal; for operators. */
  @Post()
  @HttpCode(200)
  async rebuild(@Req() request: FastifyRequest): Promise<Rebuilt> {
    const { roles } = await this.#callers.identify(request);
    if (roles.includes('operator')) return this.#logs.rebuild();
    throw new RefusedError('ROLE_MISSING', 'only an operator may rebuild the logs', 'Ask an operator.');
  }
}
