import { NotFoundError, RefusedError, TerminalError } from '@summit/kernel';

export const keyUnknown = (keyId: string): NotFoundError =>
  new NotFoundError(
    'KEY_UNKNOWN',
    `there is no key ${keyId}`,
    'Check that the key directory is the one this journal was written with; restore it from its backup.',
  );

export const keyErased = (keyId: string): RefusedError =>
  new RefusedError(
    'KEY_ERASED',
    `the key ${keyId} was destroyed; nothing can be sealed under it`,
    'Start a new thread: what was erased stays erased.',
  );

export const tenantErased = (tenant: string): RefusedError =>
  new RefusedError('TENANT_ERASED', `the keys of tenant ${tenant} were destroyed`, 'Use another tenant.');

export const keyCorrupt = (keyId: string): TerminalError =>
  new TerminalError(
    'KEY_CORRUPT',
    `the stored record of key ${keyId} does not check`,
    'Restore the key directory from its backup.',
  );
