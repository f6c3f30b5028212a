import { describe, expect, it } from '@jest/globals';
import { type Given, Lab } from './lab.ts';
import { type SummitStack } from './stack.ts';
import { standardWorkload } from './workload.ts';

const given = (over: Partial<Given> = {}): Given => ({
  start: () => Promise.reject(new Error('nothing is started here')),
  settings: [{ distributed: false }, { distributed: true }],
  peers: [],
  rounds: 1,
  workload: standardWorkload,
  progress: () => undefined,
  ...over,
});

describe('a lab', () => {
  it('stops what was started, the last one first, and remembers its versions', async () => {
    const stopped: string[] = [];
    const start: Given['start'] = async ({ distributed }) => {
      const name = distributed ? 'apart' : 'one';
      const about = { versions: { [name]: '1' }, setting: name, durability: 'none' };
      const stack: SummitStack = {
        ...{ url: '', urls: {}, token: '', about, processes: () => [] },
        journal: () => Promise.reject(new Error('it keeps none')),
        stop: async () => void stopped.push(name),
      };
      return stack;
    };
    const lab = new Lab(given({ start }));
    await lab.stack({ distributed: false, whole: false });
    await lab.stack({ distributed: true, whole: false });
    lab.onEnd(async () => void stopped.push('client'));
    await lab[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
    expect(stopped).toEqual(['client', 'apart', 'one']);
    expect(lab.versions).toEqual({ one: '1', apart: '1' });
  });

  it('measures in one process what is measured once, unless only the other was asked for', () => {
    expect(new Lab(given()).distributed).toBe(false);
    expect(new Lab(given({ settings: [{ distributed: true }] })).distributed).toBe(true);
  });
});
