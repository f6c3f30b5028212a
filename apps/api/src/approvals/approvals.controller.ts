import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import { APPROVAL_STATUSES, type ApprovalStatus } from '@summit/engine';
import { ConflictError, errorRecord, hasCode, InvalidInputError, type Json, parseId } from '@summit/kernel';
import { dtoOf, readDto } from '@summit/platform';
import { Callers } from '@summit/platform/http';
import { type PageRequest, type PastApproval } from '@summit/read-models';
import { type Answer, commandBodies, type CommandGateway, commandSchemas } from '@summit/runtime';
import { type FastifyRequest } from 'fastify';
import { commandIdOf, commandOf, valueOf } from '../http/call.ts';
import { type ListQuery, pageRequestOf } from '../read-models/list-query.ts';
import { ReadModelAccess } from '../read-models/read-model-access.ts';
import { GATEWAY } from '../runs/gateway.ts';
import { type Approval, approvalOf, approvalPage, approvalsOf } from './approval-page.ts';

/** Body of `POST /v1/approvals/:id/decisions`. */
class DecisionDto extends dtoOf(commandSchemas['approval.decide'].omit({ approvalId: true })) {}

interface ApprovalsQuery extends ListQuery {
  readonly status?: string;
}

/** What is missing from a list, and why: members of a problem. */
type Incomplete = { readonly code: string; readonly detail: string; readonly next: string };

/** What only the rows still hold; why nothing, where they can not be asked. */
interface Past {
  readonly approvals: readonly Approval[];
  readonly incomplete?: Incomplete;
}

/** [C3.2] What people are asked, and their answers: as the leaders know them, and what those forgot as rows tell it. */
@Controller('v1/approvals')
export class ApprovalsController {
  readonly #gateway: CommandGateway;
  readonly #callers: Callers;
  readonly #readModels: ReadModelAccess;

  constructor(
    @Inject(GATEWAY) gateway: CommandGateway,
    @Inject(Callers) callers: Callers,
    @Inject(ReadModelAccess) readModels: ReadModelAccess,
  ) {
    this.#gateway = gateway;
    this.#callers = callers;
    this.#readModels = readModels;
  }

  /** The newest first, a page at a time. While the rows can not be asked: what the leaders know, and that it is not all. */
  @Get()
  async list(@Req() request: FastifyRequest, @Query() query: ApprovalsQuery): Promise<Json> {
    const { tenant } = await this.#callers.identify(request);
    const page = pageRequestOf(query);
    const status = query.status === undefined ? undefined : statusOf(query.status);
    const known = approvalsOf(valueOf(await this.#gateway.approvals({ tenant, status })));
    const { approvals, incomplete } = await this.#past(tenant, { ...page, status }, known);
    const { items, next } = approvalPage(known, approvals, page);
    return { approvals: items, ...(next !== undefined && { next }), ...(incomplete && { incomplete }) };
  }

  /** With exactly what was hashed. */
  @Get(':id')
  async get(@Req() request: FastifyRequest, @Param('id') approvalId: string): Promise<Json> {
    const { tenant } = await this.#callers.identify(request);
    const answer = await this.#gateway.query({ tenant, approvalId });
    return (await this.#forgotten(tenant, approvalId, answer)) ?? valueOf(answer);
  }

  @Post(':id/decisions')
  @HttpCode(200)
  async decide(@Req() request: FastifyRequest, @Param('id') approvalId: string): Promise<Json> {
    const identity = await this.#callers.identify(request);
    const { decision, actionHash, action, reason } = readDto(DecisionDto, request.body);
    const fields = { approvalId, decision, actionHash, action, reason };
    const body = commandBodies['approval.decide'](fields);
    const answer = await this.#gateway.submit(commandOf(request, identity, body, commandIdOf(request)));
    const past = await this.#forgotten(identity.tenant, approvalId, answer);
    if (!past) return valueOf(answer);
    const next = 'Nothing is left to answer; look at the run.';
    throw new ConflictError('APPROVAL_CLOSED', `${approvalId} is ${past.status}`, next);
  }

  /** A settled question that its leader no longer knows. */
  async #forgotten(tenant: string, approvalId: string, answer: Answer): Promise<PastApproval | undefined> {
    if (answer.ok || answer.error.code !== 'APPROVAL_NOT_FOUND' || !this.#readModels.on) return undefined;
    if (parseId(approvalId)?.kind !== 'apr') return undefined;
    return this.#readModels.ask((models) => models.pastApproval(tenant, approvalId));
  }

  /** Every open question is known to its leader. */
  async #past(
    tenant: string,
    filter: PageRequest & { readonly status: ApprovalStatus | undefined },
    known: readonly Approval[],
  ): Promise<Past> {
    if (filter.status === 'open') return { approvals: [] };
    const ids = new Set(known.map(({ place }) => place.id));
    try {
      const past = await this.#readModels.ask((models) =>
        models.pastApprovals(tenant, filter, (id) => ids.has(id)),
      );
      return { approvals: past.map(approvalOf) };
    } catch (error) {
      if (!hasCode(error, 'READ_MODELS_UNAVAILABLE')) throw error;
      const { code, message, next = '' } = errorRecord(error);
      return { approvals: [], incomplete: { code, detail: message, next } };
    }
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
