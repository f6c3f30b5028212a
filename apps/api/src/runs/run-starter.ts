import { Inject, Injectable } from '@nestjs/common';
import { Callers } from '@summit/platform/http';
import { commandBodies, type CommandGateway } from '@summit/runtime';
import { type FastifyRequest } from 'fastify';
import { commandIdOf, commandOf, waitOf } from '../http/call.ts';
import { type Sent, sentOf } from '../http/sent.ts';
import { readDto } from '../http/dto.ts';
import { GATEWAY } from './gateway.ts';
import { StartRunDto } from './start-run.dto.ts';

/** Starts runs, on a thread that was named or on one made for it. */
@Injectable()
export class RunStarter {
  readonly #gateway: CommandGateway;
  readonly #callers: Callers;

  constructor(@Inject(GATEWAY) gateway: CommandGateway, @Inject(Callers) callers: Callers) {
    this.#gateway = gateway;
    this.#callers = callers;
  }

  /** With a wait the answer comes when the run has ended or waits, else when its start is durable. */
  async start(request: FastifyRequest, thread: string | undefined, wait: string | undefined): Promise<Sent> {
    const identity = await this.#callers.identify(request);
    const waitMs = waitOf(wait);
    const fields = Object.assign(readDto(StartRunDto, request.body), { threadId: thread });
    const commandId = commandIdOf(request);
    const body = commandBodies['run.start'](fields, { ...identity, commandId });
    return sentOf(await this.#gateway.submit({ ...commandOf(request, identity, body, commandId), waitMs }));
  }
}
