import { type Actor } from '@summit/events';
import { type Asker } from '@summit/engine';
import { sha256 } from '@summit/kernel';
import { type Command, type Reply } from './command.ts';
import { type Desk } from './desk.ts';

/** A command on its way through a leader. */
export interface Asked {
  readonly desk: Desk;
  readonly command: Command;
  /** SHA-256 of its canonical body. */
  readonly digest: string;
  readonly reply: Reply;
  /** Plans it anew: what it was planned for has changed. */
  readonly again: () => void;
}

/** Who sent it, asking now. */
export function askerOf(desk: Desk, { tenant, user, roles }: Command): Asker {
  const id = desk.ledger.vault.surrogate(tenant, 'user', user);
  return { actor: { kind: 'user', id, name: user }, roles, now: desk.ledger.now() };
}

/** What a commit that a command brings says of its cause. */
export function causeOf(
  desk: Desk,
  command: Command,
): { readonly actor: Actor; readonly causationId: string; readonly trace: string } {
  const { actor } = askerOf(desk, command);
  return { actor, causationId: `command:${sha256(command.commandId).slice(0, 32)}`, trace: command.trace };
}
