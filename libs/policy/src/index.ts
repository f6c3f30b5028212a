export { type Activation, activationRequest } from './activation.ts';
export { type ActionKind, actionSchema, type PolicyAction } from './action.ts';
export { type ApprovalTerms, approvalTermsSchema, readAnswer } from './answer.ts';
export { denial, DENIAL_CODES, type DenialCode } from './denial.ts';
export {
  type PolicyAnswer,
  type PolicyEngine,
  type PolicyIdentity,
  policyIdentity,
  type PolicyRequest,
} from './engine.ts';
export { entryFor, type PolicyEntry, ROOT_ENTRY, TENANT_ENTRIES } from './entry.ts';
export {
  MAX_INPUT_BYTES,
  MAX_VIEW_BYTES,
  type PolicyInput,
  policyInputSchema,
  type View,
  viewOf,
} from './input.ts';
export { policyTwin, twinAllow, twinDeny, type TwinRule } from './twin.ts';
