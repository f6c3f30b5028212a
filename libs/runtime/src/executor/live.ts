import { findModel, type Models } from '@summit/agents';
import { type Clock } from '@summit/kernel';
import { type App, type Live } from '@summit/sdk';
import { type Generating, TokenWriter } from '../tokens/token-writer.ts';
import { type TokenAddress, type TokenSink } from '../tokens/tokens.ts';

/** What an executor can lend. */
export interface Lending {
  readonly app: App;
  readonly clock: Clock;
  /** Models by name; those of the app where they are not given. */
  readonly models?: Models;
  /** Where tokens go while they are generated; without it nobody hears them. */
  readonly tokens?: TokenSink;
  /** Secrets by the name of their reference; without it there are none. */
  readonly secret?: (name: string) => string | undefined;
}

const NOBODY: TokenSink = { publish: () => undefined };

/** What one attempt that generates is lent: its models and secrets, and a way out for the tokens. */
export function liveOf(
  { app, models = app.models, tokens = NOBODY, secret = () => undefined, clock }: Lending,
  address: TokenAddress,
  generating: Generating,
): Live {
  const writer = new TokenWriter(tokens, address, generating, () => clock.now());
  return {
    provider: (model) => findModel(models, model),
    secret,
    token: (delta) => {
      writer.write(delta);
    },
    close: () => {
      writer.close();
    },
  };
}
