import { describe, expect, it } from '@jest/globals';
import { type JsonObject } from '@summit/kernel';
import { refundRun } from './commits.fixture.ts';
import { type ProvDocument } from './document.ts';
import { readByTool } from './independent-tool.fixture.ts';
import { toProvJson } from './prov-json.ts';
import { toProvJsonld } from './prov-jsonld.ts';
import { toProvN } from './provn.ts';
import { unfold } from './unfold.ts';

const document: ProvDocument = unfold('acme', refundRun().graph());
const count = document.elements.length + document.relations.length;
const text = (json: JsonObject): string => JSON.stringify(json);

describe('an independent tool', () => {
  it('[C5.3] reads our PROV-N, PROV-JSON and PROV-JSONLD, and finds the same in all three', async () => {
    const notations = await Promise.all([
      readByTool('provn', toProvN(document)),
      readByTool('json', text(toProvJson(document))),
      readByTool('jsonld', text(toProvJsonld(document))),
    ]);
    const [provn, json, jsonld] = notations.map(({ records }) => records);
    expect(json).toEqual(provn);
    expect(jsonld).toEqual(provn);
    expect(Object.values(provn ?? {}).reduce((sum, n) => sum + n, 0)).toBe(count);
    expect(provn).toMatchObject({ Agent: 4, Delegation: expect.any(Number) as unknown });
  });

  it('takes what people name as it is: quotes, line feeds, other scripts', async () => {
    const name = 'a "quoted" \\ name\nin two lines, ä, 漢字';
    const [element] = document.elements;
    if (!element) throw new Error('the document is empty');
    const odd = { ...element, id: 't:executor/=4f=20x', attributes: [['prov:label', name] as const] };
    const one = { ...document, elements: [odd], relations: [] };
    for (const [format, said] of [
      ['provn', toProvN(one)],
      ['json', text(toProvJson(one))],
      ['jsonld', text(toProvJsonld(one))],
    ] as const) {
      const { provn } = await readByTool(format, said);
      expect(provn).toContain('ä, 漢字');
    }
  });

  it('refuses what is no document, so that the check can fail', async () => {
    await expect(readByTool('provn', 'document\n  entity(\nendDocument')).rejects.toThrow();
  });
});
