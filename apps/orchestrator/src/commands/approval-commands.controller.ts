import { Controller, Inject, UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { readDto } from '@summit/platform';
import { type Answer, commandBodies } from '@summit/runtime';
import { AnswerFilter } from '../bus/answer.filter.ts';
import { type BusContext } from '../bus/bus-context.ts';
import { Orchestrator } from '../orchestrator.ts';
import { DecideApproval } from './messages.ts';

/** [C3.2] What people are asked, decided by the bus. */
@Controller()
@UseFilters(AnswerFilter)
export class ApprovalCommandsController {
  readonly #orchestrator: Orchestrator;

  constructor(@Inject(Orchestrator) orchestrator: Orchestrator) {
    this.#orchestrator = orchestrator;
  }

  @MessagePattern('approval.decide')
  decide(@Payload() fields: unknown, @Ctx() { caller }: BusContext): Promise<Answer> {
    const body = commandBodies['approval.decide'](readDto(DecideApproval, fields));
    return this.#orchestrator.submit({ ...caller, body });
  }
}
