import { Body, Controller, Get, HttpCode, Inject, Param, Post, Req } from '@nestjs/common';
import { InvalidInputError } from '@summit/kernel';
import { type PolicyIdentity } from '@summit/policy';
import { Callers } from '@summit/platform/http';
import { type FastifyRequest } from 'fastify';
import { activationOf } from './activation.dto.ts';
import { BundleDesk, type BundleView } from './bundle-desk.ts';

@Controller('v1/bundles')
export class BundlesController {
  readonly #desk: BundleDesk;
  readonly #callers: Callers;

  constructor(@Inject(BundleDesk) desk: BundleDesk, @Inject(Callers) callers: Callers) {
    this.#desk = desk;
    this.#callers = callers;
  }

  /** What decides for the caller's tenant, and what comes with the release. */
  @Get()
  async list(@Req() request: FastifyRequest): Promise<{ bundles: BundleView[] }> {
    const { tenant } = await this.#callers.identify(request);
    return { bundles: await this.#desk.bundles(tenant) };
  }

  /** Takes a signed bundle in (`application/gzip`). */
  @Post()
  @HttpCode(201)
  async push(
    @Req() request: FastifyRequest,
    @Body() body: unknown,
  ): Promise<PolicyIdentity & { signedBy: string | undefined }> {
    const caller = await this.#callers.identify(request);
    if (!Buffer.isBuffer(body)) {
      const next = 'Send the bundle as application/gzip: summit policy push.';
      throw new InvalidInputError('POLICY_BUNDLE_INVALID', 'the body is no bundle', next);
    }
    const { identity, signedBy } = await this.#desk.push(caller, body);
    return { ...identity, signedBy };
  }

  /** Orders its activation, or a rollback to it. Leaders follow; `summit policy` and the journal show when. */
  @Post(':digest/activate')
  @HttpCode(202)
  async activate(
    @Req() request: FastifyRequest,
    @Param('digest') digest: string,
    @Body() body: unknown,
  ): Promise<{ orderId: string; bundle: string; tenant: string }> {
    const caller = await this.#callers.identify(request);
    const { rollback = false } = activationOf(body);
    const kind = rollback ? 'bundle.rollback' : 'bundle.activate';
    const { id, bundle, tenant } = await this.#desk.order(caller, kind, digest);
    return { orderId: id, bundle, tenant };
  }
}
