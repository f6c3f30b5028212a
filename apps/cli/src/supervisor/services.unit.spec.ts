import { describe, expect, it } from '@jest/globals';
import { type ServiceSpec, servicesOf } from './services.ts';
import { type StackPlan } from './stack-plan.ts';

const plan: StackPlan = {
  dataDir: '/data',
  distributed: false,
  partitions: 1,
  apiPort: 0,
  natsPort: 0,
  tenant: 'acme',
};

const silent = (services: readonly ServiceSpec[]): string[] =>
  services.filter(({ env }) => env['SUMMIT_EVENTS'] === 'off').map(({ name }) => name);

describe('the services of a stack', () => {
  it('publish live events unless the plan says otherwise', () => {
    expect(silent(servicesOf(plan))).toEqual([]);
    expect(silent(servicesOf({ ...plan, liveEvents: false }))).toEqual(['host']);
    expect(silent(servicesOf({ ...plan, liveEvents: false, distributed: true }))).toEqual(['api']);
  });
});
