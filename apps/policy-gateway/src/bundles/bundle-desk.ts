import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { InvalidInputError, RefusedError, sha256 } from '@summit/kernel';
import { type Identity } from '@summit/platform';
import { type Activation, activationRequest, type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import {
  type ActivationOrder,
  type Bundle,
  type BundleStore,
  followBundles,
  openBundle,
  opaPolicyEngine,
  type OpaPolicyEngine,
  readPolicies,
  type ReleasePolicies,
  releasePolicies,
  signBundle,
  type SigningKey,
  tenantBundle,
  tenantFiles,
  testPolicies,
} from '@summit/policy-opa';
import { type Log } from '@summit/runtime';

export interface BundleDeskOptions {
  readonly store: () => Promise<BundleStore>;
  readonly key: SigningKey;
  readonly log: Log;
  /** An app whose `policies/` are built, tested, signed and activated at the start. */
  readonly app?: { readonly directory: string; readonly tenant: string; readonly opa?: string };
}

/** What is said of a bundle. */
export interface BundleView {
  readonly role: 'tenant' | 'development' | 'root';
  /** Whether it decides for the caller's tenant. */
  readonly active: boolean;
  readonly policy: string;
  readonly bundle: string;
  readonly wasm: string;
  readonly data: string;
  readonly engine: string;
  readonly orderedBy?: string;
  readonly orderedAt?: string;
}

/** What there is once it has started. */
interface Running {
  readonly store: BundleStore;
  readonly release: ReleasePolicies;
  readonly engine: OpaPolicyEngine;
  readonly stop: () => void;
}

/** The gateway itself, as it orders an app's own bundle in development. */
const GATEWAY: Pick<Identity, 'user' | 'roles'> = { user: 'policy-gateway', roles: ['operator'] };

/**
 * Control plane of the bundles: takes them in when a trusted key signed them, orders their activation, and decides by
 * the active ones for whoever asks. It makes nothing active at a leader: leaders follow the orders by themselves.
 */
export class BundleDesk implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: BundleDeskOptions;
  #running: Running | undefined;

  constructor(options: BundleDeskOptions) {
    this.#options = options;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { log, key, app } = this.#options;
    const store = await this.#options.store();
    const release = await releasePolicies();
    // Kept as long as the journal: decisions of an older release are evaluated again by the bundles that made them.
    for (const { bytes } of [release.root, release.development]) await store.put(bytes);
    const engine = opaPolicyEngine({ root: release.root, fallback: release.development });
    const stop = await followBundles({
      store,
      keys: [key.trusted],
      engines: [engine],
      now: Date.now,
      onActivated: ({ tenant, bundle }) => {
        log.info({ tenant, bundle }, 'the bundle is active');
      },
      onRefused: ({ tenant, bundle }, error) => {
        log.error({ tenant, bundle, err: error }, 'the bundle was refused');
      },
    });
    this.#running = { store, release, engine, stop };
    if (app) await this.#activateApp(app);
  }

  onApplicationShutdown(): void {
    this.#running?.stop();
  }

  get ready(): boolean {
    return this.#running !== undefined;
  }

  /** Advisory: by the bundle that is active here. */
  decide(request: PolicyRequest): PolicyAnswer {
    const [answer] = this.#desk.engine.decide([request]);
    if (answer) return answer;
    throw new Error('the engine did not answer');
  }

  /** Stores a bundle that a trusted key signed. Throws `POLICY_BAD_SIGNATURE`, `POLICY_BUNDLE_INVALID`, `POLICY_DENIED`. */
  async push(caller: Identity, bytes: Uint8Array): Promise<Bundle> {
    this.#permit({ kind: 'bundle.activate', bundle: sha256(bytes), ...caller });
    const bundle = await openBundle(bytes, { keys: [this.#options.key.trusted] });
    await this.#desk.store.put(bytes);
    return bundle;
  }

  /** Orders that a stored bundle decides for the caller's tenant. */
  async order(caller: Identity, kind: ActivationOrder['kind'], bundle: string): Promise<ActivationOrder> {
    this.#permit({ kind, bundle, ...caller });
    const { store } = this.#desk;
    await openBundle(await store.get(bundle), { keys: [this.#options.key.trusted] });
    const { tenant, user, roles } = caller;
    const order = { id: randomUUID(), tenant, bundle, kind, user, roles: [...roles], at: Date.now() };
    await store.order(order);
    return order;
  }

  /** What decides for a tenant, and what comes with the release. */
  async bundles(tenant: string): Promise<BundleView[]> {
    const { engine, release, store } = this.#desk;
    const active = engine.active(tenant);
    const order = (await store.orders()).find((candidate) => candidate.tenant === tenant);
    const own = active && active !== release.development.identity ? active : undefined;
    return [
      ...(own
        ? [
            {
              role: 'tenant' as const,
              active: true,
              ...own,
              ...(order && { orderedBy: order.user, orderedAt: new Date(order.at).toISOString() }),
            },
          ]
        : []),
      { role: 'development', active: own === undefined, ...release.development.identity },
      { role: 'root', active: true, ...release.root.identity },
    ];
  }

  /** Builds, tests, signs and orders the policies of an app; the bundle that is ordered already stays. */
  async #activateApp({ directory, tenant, opa }: NonNullable<BundleDeskOptions['app']>): Promise<void> {
    const policies = join(directory, 'policies');
    if (!existsSync(policies)) return;
    const { log, key } = this.#options;
    const { store, release } = this.#desk;
    const files = await readPolicies(policies);
    const base = release.development.bytes;
    if (opa !== undefined) {
      const { passed, failed } = await testPolicies({ opa, files: tenantFiles(base, files) });
      log.info({ policies, passed }, 'tested the policies');
      if (failed.length > 0) throw testsFailed(failed);
    }
    const built = await tenantBundle({ base, files, ...(opa !== undefined && { opa }) });
    const bytes = await signBundle(built, key.signer);
    const standing = (await store.orders()).find((order) => order.tenant === tenant);
    if (standing?.bundle === sha256(bytes)) return;
    const caller = { tenant, ...GATEWAY };
    await this.push(caller, bytes);
    await this.order(caller, 'bundle.activate', sha256(bytes));
  }

  /** The root policy's word, before anything is stored; leaders ask it again. */
  #permit(activation: Activation): void {
    const { verdict, reasons } = this.decide(activationRequest(activation, true, Date.now()));
    if (verdict === 'allow') return;
    throw new RefusedError('POLICY_DENIED', reasons.join('; '), 'Ask an operator of the tenant.');
  }

  get #desk(): Running {
    if (this.#running) return this.#running;
    throw new Error('the desk has not started');
  }
}

const testsFailed = (failed: readonly string[]): InvalidInputError =>
  new InvalidInputError(
    'POLICY_TESTS_FAILED',
    `these tests of the policies fail: ${failed.join(', ')}`,
    'Mend the rule or the test: summit policy test.',
  );
