import { APPROVAL_STATUSES } from '@summit/engine';
import { approvalSubjectSchema } from '@summit/events';
import { commandSchemas } from '@summit/runtime';
import { page } from './openapi.lists.ts';
import { bodyOf, idempotencyKey, inPath, json, type Operation, problems, ref } from './openapi.parts.ts';

const approvalId = inPath('id', 'An approval.');
const approvalStatus = { enum: APPROVAL_STATUSES };

export const approvalSchemas = {
  Decision: bodyOf(commandSchemas['approval.decide'].omit({ approvalId: true })),
  Decided: {
    type: 'object',
    properties: {
      approvalId: { type: 'string' },
      runId: { type: 'string' },
      decision: { type: 'string' },
      status: approvalStatus,
      version: { type: 'integer', description: 'Of the run' },
    },
  },
  Approval: {
    type: 'object',
    required: ['approvalId', 'status', 'about', 'name', 'runId', 'actionHash', 'shown', 'roles', 'quorum'],
    properties: {
      approvalId: { type: 'string' },
      status: approvalStatus,
      about: { enum: approvalSubjectSchema.options },
      name: { type: 'string', description: 'Of the tool, the workflow, or the question' },
      runId: { type: 'string' },
      threadId: { type: 'string' },
      workflow: { type: 'string' },
      stepKey: { type: 'string' },
      actionHash: { type: 'string', description: 'SHA-256 of the canonical JSON (RFC 8785) of shown' },
      shown: { type: 'object', description: 'Exactly what is hashed: arguments, run, stepKey, tool' },
      requesters: {
        type: 'array',
        items: { type: 'string' },
        description: 'Who does not answer; of what is settled nobody',
      },
      separation: { type: 'boolean' },
      roles: { type: 'array', items: { type: 'string' } },
      quorum: { type: 'integer' },
      reasons: { type: 'array', items: { type: 'string' }, description: 'Why policy asks' },
      requestedAt: { type: 'integer', description: 'Milliseconds since the epoch' },
      expiresAt: { type: 'integer' },
      closedAt: { type: 'integer' },
      answers: { type: 'array', items: { type: 'object' } },
      erased: { const: true, description: 'Its key is gone, and with it what people wrote' },
    },
  },
  Approvals: {
    type: 'object',
    required: ['approvals'],
    properties: {
      approvals: { type: 'array', items: ref('Approval') },
      next: { type: 'string', description: 'Where the next page begins; absent on the last' },
      incomplete: {
        type: 'object',
        description:
          'Why only what the leaders still know is told: open ones, and those that were closed lately',
        properties: { code: { type: 'string' }, detail: { type: 'string' }, next: { type: 'string' } },
      },
    },
  },
};

export const approvalPaths: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  '/v1/approvals': {
    get: {
      summary: 'Questions to people that are and were, newest first',
      parameters: [{ name: 'status', in: 'query', schema: approvalStatus }, ...page],
      responses: { 200: { description: 'A page', ...json(ref('Approvals')) }, ...problems },
    },
  },
  '/v1/approvals/{id}': {
    get: {
      summary: 'A question to people, with exactly what is hashed',
      parameters: [approvalId],
      responses: { 200: { description: 'The question', ...json(ref('Approval')) }, ...problems },
    },
  },
  '/v1/approvals/{id}/decisions': {
    post: {
      summary: 'Answer a question',
      parameters: [approvalId, idempotencyKey],
      requestBody: { required: true, ...json(ref('Decision')) },
      responses: { 200: { description: 'Done, and durable', ...json(ref('Decided')) }, ...problems },
    },
  },
};
