import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { type Json, parseId } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import { type Answer, type CommandGateway } from '@summit/runtime';
import { type FastifyRequest } from 'fastify';
import { waitOf } from '../http/call.ts';
import { type Sent, sentOf } from '../http/sent.ts';
import { ReadModelAccess } from '../read-models/read-model-access.ts';
import { GATEWAY } from './gateway.ts';
import { RunStarter } from './run-starter.ts';

@Controller('v1/runs')
export class RunsController {
  readonly #gateway: CommandGateway;
  readonly #callers: Callers;
  readonly #starter: RunStarter;
  readonly #readModels: ReadModelAccess;

  constructor(
    @Inject(GATEWAY) gateway: CommandGateway,
    @Inject(Callers) callers: Callers,
    @Inject(RunStarter) starter: RunStarter,
    @Inject(ReadModelAccess) readModels: ReadModelAccess,
  ) {
    this.#gateway = gateway;
    this.#callers = callers;
    this.#starter = starter;
    this.#readModels = readModels;
  }

  /** Starts a run on a new thread. With `?wait=30` the answer comes when it has ended or waits. */
  @Post()
  @HttpCode(201)
  start(@Req() request: FastifyRequest, @Query('wait') wait?: string): Promise<Sent> {
    return this.#starter.start(request, undefined, wait);
  }

  /** As the leader knows it; what it has forgotten, as the read models do. Throws `READ_MODELS_UNAVAILABLE`. */
  @Get(':id')
  async get(
    @Req() request: FastifyRequest,
    @Param('id') runId: string,
    @Query('wait') wait?: string,
  ): Promise<Sent> {
    const { tenant } = await this.#callers.identify(request);
    const answer = await this.#gateway.query({ tenant, runId, waitMs: waitOf(wait) });
    return (await this.#forgotten(tenant, runId, answer)) ?? sentOf(answer);
  }

  /** A run that its leader no longer knows; whether there was one nobody can tell while the read models are away. */
  async #forgotten(tenant: string, runId: string, answer: Answer): Promise<Json | undefined> {
    if (answer.ok || answer.error.code !== 'RUN_NOT_FOUND' || !this.#readModels.on) return undefined;
    if (parseId(runId)?.kind !== 'run') return undefined;
    return this.#readModels.ask((models) => models.run(tenant, runId));
  }
}
