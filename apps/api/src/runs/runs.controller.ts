import { randomUUID } from 'node:crypto';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { InvalidInputError, isObject, type Json, sha256 } from '@summit/kernel';
import { type Identity } from '@summit/platform';
import { type Answer, type CommandGateway } from '@summit/runtime';
import { type FastifyRequest } from 'fastify';
import { readDto } from '../http/dto.ts';
import { AnswerError } from '../http/answer-error.ts';
import { Authenticator, traceOf } from '../http/request-context.ts';
import { StartRunDto } from './start-run.dto.ts';

export const GATEWAY = Symbol('GATEWAY');
/** A caller may wait this long for a run, seconds. */
const MAX_WAIT_S = 60;

@Controller('v1/runs')
export class RunsController {
  readonly #gateway: CommandGateway;
  readonly #authenticator: Authenticator;

  constructor(@Inject(GATEWAY) gateway: CommandGateway, @Inject(Authenticator) authenticator: Authenticator) {
    this.#gateway = gateway;
    this.#authenticator = authenticator;
  }

  /** Starts a run on a new thread. With `?wait=30` the answer comes when it has ended or waits. */
  @Post()
  @HttpCode(201)
  async start(@Req() request: FastifyRequest, @Query('wait') wait?: string): Promise<Json> {
    const identity = await this.#authenticator.identify(request);
    const waitMs = waitOf(wait);
    const { workflow, version, input } = readDto(StartRunDto, request.body);
    const commandId = idempotencyKeyOf(request) ?? randomUUID();
    const { tenant, user, roles } = identity;
    const answer = await this.#gateway.submit({
      tenant,
      user,
      roles,
      commandId,
      trace: traceOf(request),
      body: {
        verb: 'run.start',
        threadId: threadFor(identity, commandId),
        workflow,
        version,
        input: input ?? null,
      },
    });
    const started = valueOf(answer);
    const runId = isObject(started) ? started['runId'] : undefined;
    if (waitMs === 0 || typeof runId !== 'string') return started;
    return valueOf(await this.#gateway.query({ tenant, runId, waitMs }));
  }

  @Get(':id')
  async get(
    @Req() request: FastifyRequest,
    @Param('id') runId: string,
    @Query('wait') wait?: string,
  ): Promise<Json> {
    const { tenant } = await this.#authenticator.identify(request);
    return valueOf(await this.#gateway.query({ tenant, runId, waitMs: waitOf(wait) }));
  }
}

function valueOf(answer: Answer): Json {
  if (answer.ok) return answer.value;
  throw new AnswerError(answer.error);
}

/** A thread made for a command takes its id from the command's, so that a retry finds the same one. */
function threadFor({ tenant, user }: Identity, commandId: string): string {
  return `thr_${sha256(`${tenant}\n${user}\n${commandId}`).slice(0, 24)}`;
}

function idempotencyKeyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (typeof key !== 'string' || key === '') return undefined;
  if (key.length <= 256) return key;
  throw new InvalidInputError('INVALID_ID', 'the Idempotency-Key is too long', 'Use at most 256 characters.');
}

function waitOf(wait: string | undefined): number {
  if (wait === undefined) return 0;
  const seconds = Number(wait);
  if (seconds >= 0 && seconds <= MAX_WAIT_S) return seconds * 1000;
  throw new InvalidInputError(
    'INVALID_QUERY',
    `wait is ${wait}`,
    `Give seconds, 0 to ${String(MAX_WAIT_S)}.`,
  );
}
