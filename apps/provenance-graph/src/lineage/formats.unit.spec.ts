import { describe, expect, it } from '@jest/globals';
import { depthOf, directionOf, formatOf, tell } from './formats.ts';

describe('a question about lineage', () => {
  it('is up, in JSON, and without a bound unless it says otherwise', () => {
    expect([directionOf(undefined), formatOf(undefined), depthOf(undefined)]).toEqual([
      'up',
      'json',
      undefined,
    ]);
    expect([directionOf('down'), formatOf('prov-n'), depthOf('7')]).toEqual(['down', 'prov-n', 7]);
  });

  it.each([
    () => directionOf('left'),
    () => directionOf(['up', 'down']),
    () => formatOf('png'),
    () => formatOf(''),
    () => depthOf('0'),
    () => depthOf('101'),
    () => depthOf('1e2'),
    () => depthOf(['1']),
  ])('is refused with what may be asked (%#)', (ask) => {
    expect(ask).toThrow(expect.objectContaining({ code: 'INVALID_QUERY' }));
  });

  it('is answered in Cypher that takes ids as they are', () => {
    const node = { id: "acme/executor/it's", kind: 'Executor', facts: {}, shared: true } as const;
    const caused = { tenant: 'acme', event: '00-acme-0.0', at: '' };
    const lineage = { start: [], nodes: [{ ...node, ...caused }], edges: [], truncated: false };
    expect(tell(lineage, 'cypher', 'acme').body).toContain("['acme/executor/it\\'s']");
  });
});
