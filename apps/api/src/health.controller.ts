import { Controller, Get, HttpCode, Inject } from '@nestjs/common';
import { RetryableError } from '@summit/kernel';
import { ReadModelAccess, type ReadModelsStanding } from './read-models/read-model-access.ts';

export const READINESS = Symbol('READINESS');

/** Whether requests can be served now. */
export type Readiness = () => boolean;

@Controller()
export class HealthController {
  readonly #ready: Readiness;
  readonly #readModels: ReadModelAccess;

  constructor(@Inject(READINESS) ready: Readiness, @Inject(ReadModelAccess) readModels: ReadModelAccess) {
    this.#ready = ready;
    this.#readModels = readModels;
  }

  /** The process lives. */
  @Get('healthz')
  healthz(): { status: string } {
    return { status: 'ok' };
  }

  /** It can serve: runs, whatever the read models do; how far those are stands beside it. */
  @Get('readyz')
  @HttpCode(200)
  readyz(): { status: string; readModels: ReadModelsStanding } {
    if (this.#ready()) return { status: 'ready', readModels: this.#readModels.standing };
    throw new RetryableError('NOT_READY', 'the service is not ready', 'Ask again in a moment.');
  }
}
