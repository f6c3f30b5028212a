import { Body, Controller, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { errorRecord } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import { type FastifyRequest } from 'fastify';
import { BundleDesk } from '../bundles/bundle-desk.ts';
import { batchOf, endsWith, evaluationOf, type EvaluationResult, requestOf, resultOf } from './authzen.ts';

/** AuthZEN 1.0. Advisory: what counts is what a leader decides and records, by the same bundle. */
@Controller()
export class AccessController {
  readonly #desk: BundleDesk;
  readonly #callers: Callers;

  constructor(@Inject(BundleDesk) desk: BundleDesk, @Inject(Callers) callers: Callers) {
    this.#desk = desk;
    this.#callers = callers;
  }

  @Post('access/v1/evaluation')
  @HttpCode(200)
  async evaluation(@Req() request: FastifyRequest, @Body() body: unknown): Promise<EvaluationResult> {
    const { tenant } = await this.#callers.identify(request);
    return this.#evaluate(tenant, body);
  }

  @Post('access/v1/evaluations')
  @HttpCode(200)
  async evaluations(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
  ): Promise<{ evaluations: EvaluationResult[] }> {
    const { tenant } = await this.#callers.identify(request);
    const { evaluations, defaults, semantic } = batchOf(body);
    const results: EvaluationResult[] = [];
    for (const evaluation of evaluations) {
      const result = this.#evaluateInBatch(tenant, evaluation, defaults);
      results.push(result);
      if (endsWith(semantic, result)) break;
    }
    return { evaluations: results };
  }

  /** Metadata (section 9). */
  @Get('.well-known/authzen-configuration')
  configuration(@Req() request: FastifyRequest): Record<string, string> {
    const point = `${request.protocol}://${request.host}`;
    return {
      policy_decision_point: point,
      access_evaluation_endpoint: `${point}/access/v1/evaluation`,
      access_evaluations_endpoint: `${point}/access/v1/evaluations`,
    };
  }

  #evaluate(tenant: string, body: unknown, defaults?: object): EvaluationResult {
    return resultOf(this.#desk.decide(requestOf(tenant, evaluationOf(body, defaults), Date.now())));
  }

  /** One that can not be read does not spoil the others (section 7.2). */
  #evaluateInBatch(tenant: string, body: unknown, defaults: object): EvaluationResult {
    try {
      return this.#evaluate(tenant, body, defaults);
    } catch (error) {
      return { decision: false, context: { error: { status: 400, ...errorRecord(error) } } };
    }
  }
}
