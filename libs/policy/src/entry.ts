import { assertNever } from '@summit/kernel';
import { type ActionKind } from './action.ts';

/** Entry points of a tenant's bundle, as `opa build -e` and a decision name them. */
export const TENANT_ENTRIES = [
  'summit/run/decision',
  'summit/action/decision',
  'summit/state/decision',
  'summit/catalogue/decision',
  'summit/approval/decision',
  'summit/memory/decision',
  'summit/model/decision',
] as const;

/** The root policy's own: answered by the release's root bundle, whatever bundle a tenant has. */
export const ROOT_ENTRY = 'summit/root/decision';

export type PolicyEntry = (typeof TENANT_ENTRIES)[number] | typeof ROOT_ENTRY;

/** Which entry point decides an action. */
export function entryFor(kind: ActionKind): PolicyEntry {
  switch (kind) {
    case 'run.start':
    case 'run.complete':
    case 'run.signal':
      return 'summit/run/decision';
    case 'tool':
    case 'step':
    case 'pure':
    case 'sleep':
    case 'signal':
      return 'summit/action/decision';
    case 'model':
      return 'summit/model/decision';
    case 'message':
    case 'patch':
    case 'state.patch':
    case 'thread.create':
      return 'summit/state/decision';
    case 'catalogue.register':
      return 'summit/catalogue/decision';
    case 'approve':
    case 'approval.decide':
      return 'summit/approval/decision';
    case 'run.pause':
    case 'run.resume':
    case 'run.cancel':
    case 'bundle.activate':
    case 'bundle.rollback':
    case 'key.rotate':
    case 'key.erase':
    case 'recover':
      return ROOT_ENTRY;
    default:
      return assertNever(kind);
  }
}
