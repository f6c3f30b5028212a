import { describe, expect, it } from '@jest/globals';
import { toolDefinitionSchema, workflowDefinitionSchema } from '@summit/events';
import { z } from 'zod';
import { defineTool } from './tool.ts';
import { defineWorkflow } from './workflow.ts';

const tool = {
  name: 'mail.send',
  input: z.object({ to: z.string() }),
  output: z.null(),
  effect: 'idempotent',
  execute: () => null,
} as const;

const defined = (change: object): unknown => defineTool({ ...tool, ...change });

describe('a tool', () => {
  it('that is defined can be recorded', () => {
    const { definition } = defineTool({ ...tool, timeout: '1.5s', retry: { maxAttempts: 2 } });
    expect(toolDefinitionSchema.parse(definition)).toEqual(definition);
    expect(definition).toMatchObject({ timeoutMs: 1500, retry: { maxAttempts: 2, factor: 2 } });
  });

  it.each([
    ['name', { name: undefined }],
    ['name', { name: '1' }],
    ['name', { name: 'a'.repeat(129) }],
    ['description', { description: 5 }],
    ['effect', { effect: 'often' }],
    ['sensitive', { sensitive: 'yes' }],
    ['timeoutMs', { timeout: 0 }],
    ['maxAttempts', { retry: { maxAttempts: 0 } }],
    ['factor', { retry: { factor: 0.5 } }],
    ['initialMs', { retry: { initialMs: Number.NaN } }],
  ])('that could not be recorded is not defined, and its error names %s', (member, change) => {
    const refused = { code: 'TOOL_INVALID', message: expect.stringContaining(member) };
    expect(() => defined(change)).toThrow(expect.objectContaining(refused));
  });
});

describe('a workflow', () => {
  const workflow = (change: object): unknown =>
    defineWorkflow({ name: 'refund', version: '1', ...change }, () => Promise.resolve(null));

  it('that is defined can be recorded', () => {
    const { definition } = defineWorkflow({ name: 'refund', version: '1.0+2' }, () => Promise.resolve(null));
    expect(workflowDefinitionSchema.parse(definition)).toEqual(definition);
  });

  it.each([
    ['name', { name: undefined }],
    ['name', { name: 'two words' }],
    ['version', { version: 1 }],
    ['version', { version: '' }],
  ])('that could not be recorded is not defined, and its error names %s', (member, change) => {
    const refused = { code: 'WORKFLOW_INVALID', message: expect.stringContaining(member) };
    expect(() => workflow(change)).toThrow(expect.objectContaining(refused));
  });
});
