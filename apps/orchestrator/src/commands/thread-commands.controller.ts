import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { readDto } from '@summit/platform';
import { type Answer, commandBodies } from '@summit/runtime';
import { AnswerFilter } from '../bus/answer.filter.ts';
import { type BusContext } from '../bus/bus-context.ts';
import { Orchestrator } from '../orchestrator.ts';
import { CreateThread, PatchState } from './messages.ts';

/** Threads and [C3.3] their state, by the bus. */
@Controller()
@UseFilters(AnswerFilter)
export class ThreadCommandsController {
  readonly #orchestrator: Orchestrator;

  constructor(@Inject(Orchestrator) orchestrator: Orchestrator) {
    this.#orchestrator = orchestrator;
  }

  @MessagePattern('thread.create')
  create(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['thread.create'](readDto(CreateThread, fields), caller);
    return this.#orchestrator.submit({ ...caller, body });
  }

  @MessagePattern('state.patch')
  patch(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['state.patch'](readDto(PatchState, fields));
    return this.#orchestrator.submit({ ...caller, body });
  }
}
