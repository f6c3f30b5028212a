import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { APPROVAL_STATUSES, type ApprovalStatus } from '@summit/engine';
import { InvalidInputError, type Json } from '@summit/kernel';
import { dtoOf, readDto } from '@summit/platform';
import { commandBodies, type CommandGateway, commandSchemas } from '@summit/runtime';
import { type FastifyRequest } from 'fastify';
import { commandIdOf, commandOf, valueOf } from '../http/call.ts';
import { Authenticator } from '../http/request-context.ts';
import { GATEWAY } from '../runs/gateway.ts';

/** Body of `POST /v1/approvals/:id/decisions`. */
class DecisionDto extends dtoOf(commandSchemas['approval.decide'].omit({ approvalId: true })) {}

/** [C3.2] What people are asked, and their answers. */
@Controller('v1/approvals')
export class ApprovalsController {
  readonly #gateway: CommandGateway;
  readonly #authenticator: Authenticator;

  constructor(@Inject(GATEWAY) gateway: CommandGateway, @Inject(Authenticator) authenticator: Authenticator) {
    this.#gateway = gateway;
    this.#authenticator = authenticator;
  }

  /** Open ones and those that were closed lately, the newest first. */
  @Get()
  async list(@Req() request: FastifyRequest, @Query('status') status?: string): Promise<Json> {
    const { tenant } = await this.#authenticator.identify(request);
    const approvals = await this.#gateway.approvals({
      tenant,
      status: status === undefined ? undefined : statusOf(status),
    });
    return { approvals: valueOf(approvals) };
  }

  /** With exactly what was hashed. */
  @Get(':id')
  async get(@Req() request: FastifyRequest, @Param('id') approvalId: string): Promise<Json> {
    const { tenant } = await this.#authenticator.identify(request);
    return valueOf(await this.#gateway.query({ tenant, approvalId }));
  }

  @Post(':id/decisions')
  @HttpCode(200)
  async decide(@Req() request: FastifyRequest, @Param('id') approvalId: string): Promise<Json> {
    const identity = await this.#authenticator.identify(request);
    const { decision, actionHash, action, reason } = readDto(DecisionDto, request.body);
    const fields = { approvalId, decision, actionHash, action, reason };
    const body = commandBodies['approval.decide'](fields);
    return valueOf(await this.#gateway.submit(commandOf(request, identity, body, commandIdOf(request))));
  }
}

function statusOf(text: string): ApprovalStatus {
  const status = APPROVAL_STATUSES.find((known) => known === text);
  if (status) return status;
  throw new InvalidInputError(
    'INVALID_QUERY',
    `status is ${JSON.stringify(text.slice(0, 80))}`,
    `Give one of ${APPROVAL_STATUSES.join(', ')}.`,
  );
}
