import { describe, expect, it } from '@jest/globals';
import { readyLine } from './supervisor/service.ts';
import { servicesOf } from './supervisor/services.ts';
import { dataDirOf, type StackPlan } from './supervisor/stack-plan.ts';
import { statusDocument, statusText } from './verbs/status-text.ts';
import { table } from './verb.ts';

describe('a ready line', () => {
  it.each([
    ['{"ready":true,"name":"api","url":"http://127.0.0.1:4000"}', { url: 'http://127.0.0.1:4000' }],
    ['{"ready":true,"name":"executor"}', { url: '' }],
    ['{"ready":false}', undefined],
    ['{"level":30,"msg":"not \\"ready\\""}', undefined],
    ['{"ready":tru', undefined],
    [
      '{"ready":true,"url":"http://a","urls":{"audit":"http://b"}}',
      { url: 'http://a', urls: { audit: 'http://b' } },
    ],
    ['ready', undefined],
  ])('%s', (line, expected) => {
    expect(readyLine(line)).toEqual(expected);
  });
});

describe('the services of a stack', () => {
  const plan: StackPlan = {
    dataDir: dataDirOf(undefined),
    distributed: true,
    partitions: 4,
    apiPort: 4000,
    natsPort: 4222,
    tenant: 'acme',
  };

  it('are the policy-gateway, an orchestrator, two executors and the api, each as itself on the bus', () => {
    const users = servicesOf({ ...plan, only: 'core' }).map(({ name, natsUser }) => [name, natsUser]);
    expect(users).toEqual([
      ['policy-gateway', 'gateway'],
      ['orchestrator', 'orchestrator'],
      ['executor-1', 'executor'],
      ['executor-2', 'executor'],
      ['api', 'api'],
    ]);
  });

  it('[C4.3] are followed by those that read the journal, the audit as a user who reads nothing else', () => {
    const derived = servicesOf(plan).slice(servicesOf({ ...plan, only: 'core' }).length);
    expect(derived.map(({ name, natsUser }) => [name, natsUser])).toContainEqual(['audit', 'audit']);
  });

  it('are one process beside the policy-gateway unless they are asked for apart', () => {
    const names = servicesOf({ ...plan, distributed: false }).map(({ name }) => name);
    expect(names).toEqual(['policy-gateway', 'host']);
  });
});

describe('what is printed', () => {
  it('is a table as wide as its widest cells, without trailing blanks', () => {
    expect(
      table([
        ['a', 'bb', 'c'],
        ['aaa', 'b', ''],
      ]),
    ).toBe('a    bb  c\naaa  b');
  });

  it('says that nothing runs', () => {
    const document = statusDocument('/data', undefined);
    expect(document).toMatchObject({ ok: true, running: false, phase: 'down', processes: [] });
    expect(statusText(document)).toBe('nothing runs in /data');
  });
});
