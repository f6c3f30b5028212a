import { Controller, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { Callers } from '@summit/platform/http';
import { commandBodies, type CommandBody, type CommandGateway } from '@summit/runtime';
import { type FastifyRequest } from 'fastify';
import { commandIdOf, commandOf } from '../http/call.ts';
import { type Sent, sentOf } from '../http/sent.ts';
import { expectNoBody, readDto } from '../http/dto.ts';
import { CancelDto, SignalDto } from './command.dto.ts';
import { GATEWAY } from './gateway.ts';

/** What people ask of a run that is under way; answered once it is durable: `{runId, version}`. */
@Controller('v1/runs/:id')
export class RunCommandsController {
  readonly #gateway: CommandGateway;
  readonly #callers: Callers;

  constructor(@Inject(GATEWAY) gateway: CommandGateway, @Inject(Callers) callers: Callers) {
    this.#gateway = gateway;
    this.#callers = callers;
  }

  @Post('signals')
  @HttpCode(200)
  signal(@Req() request: FastifyRequest, @Param('id') runId: string): Promise<Sent> {
    return this.#submit(request, () => {
      const { name, payload } = readDto(SignalDto, request.body);
      return commandBodies['run.signal']({ runId, name, payload });
    });
  }

  @Post('pause')
  @HttpCode(200)
  pause(@Req() request: FastifyRequest, @Param('id') runId: string): Promise<Sent> {
    return this.#submit(request, () => {
      expectNoBody(request.body);
      return { verb: 'run.pause', runId };
    });
  }

  @Post('resume')
  @HttpCode(200)
  resume(@Req() request: FastifyRequest, @Param('id') runId: string): Promise<Sent> {
    return this.#submit(request, () => {
      expectNoBody(request.body);
      return { verb: 'run.resume', runId };
    });
  }

  @Post('cancel')
  @HttpCode(200)
  cancel(@Req() request: FastifyRequest, @Param('id') runId: string): Promise<Sent> {
    return this.#submit(request, () => {
      const { reason } = readDto(CancelDto, request.body ?? {});
      return commandBodies['run.cancel']({ runId, reason });
    });
  }

  async #submit(request: FastifyRequest, read: () => CommandBody): Promise<Sent> {
    const identity = await this.#callers.identify(request);
    const command = commandOf(request, identity, read(), commandIdOf(request));
    return sentOf(await this.#gateway.submit(command));
  }
}
