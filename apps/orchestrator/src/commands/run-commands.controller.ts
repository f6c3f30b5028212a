import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { readDto } from '@summit/platform';
import { type Answer, commandBodies } from '@summit/runtime';
import { AnswerFilter } from '../bus/answer.filter.ts';
import { type BusContext } from '../bus/bus-context.ts';
import { Orchestrator } from '../orchestrator.ts';
import { CancelRun, PauseRun, ResumeRun, SignalRun, StartRun } from './messages.ts';

/** Runs, by the bus. */
@Controller()
@UseFilters(AnswerFilter)
export class RunCommandsController {
  readonly #orchestrator: Orchestrator;

  constructor(@Inject(Orchestrator) orchestrator: Orchestrator) {
    this.#orchestrator = orchestrator;
  }

  @MessagePattern('run.start')
  start(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['run.start'](readDto(StartRun, fields), caller);
    return this.#orchestrator.submit({ ...caller, body });
  }

  @MessagePattern('run.signal')
  signal(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['run.signal'](readDto(SignalRun, fields));
    return this.#orchestrator.submit({ ...caller, body });
  }

  @MessagePattern('run.pause')
  pause(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['run.pause'](readDto(PauseRun, fields));
    return this.#orchestrator.submit({ ...caller, body });
  }

  @MessagePattern('run.resume')
  resume(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['run.resume'](readDto(ResumeRun, fields));
    return this.#orchestrator.submit({ ...caller, body });
  }

  @MessagePattern('run.cancel')
  cancel(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['run.cancel'](readDto(CancelRun, fields));
    return this.#orchestrator.submit({ ...caller, body });
  }
}
