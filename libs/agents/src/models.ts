import { openAiCompatible } from './openai-compatible.ts';
import { unknownModel } from './errors.ts';
import { type ModelProvider } from './provider.ts';

/** The models of an app, by the names that its agents use. */
export type Models = Readonly<Record<string, ModelProvider>>;

/** What the environment says of the model named `default`. */
export interface ModelEnvironment {
  readonly SUMMIT_MODEL_URL?: string | undefined;
  readonly SUMMIT_MODEL_NAME?: string | undefined;
  /** Name of the variable that holds the key. */
  readonly SUMMIT_MODEL_KEY_ENV?: string | undefined;
}

/** The app's models, and `default` from the environment where the app names none. */
export function modelsOf(app: Models, environment: ModelEnvironment): Models {
  const { SUMMIT_MODEL_URL: url, SUMMIT_MODEL_NAME: model, SUMMIT_MODEL_KEY_ENV: keyEnv } = environment;
  if (url === undefined || model === undefined || Object.hasOwn(app, 'default')) return app;
  return { ...app, default: openAiCompatible({ url, model, keyEnv }) };
}

/** The provider of a name. Throws `MODEL_UNKNOWN`. */
export function findModel(models: Models, name: string): ModelProvider {
  const found = Object.hasOwn(models, name) ? models[name] : undefined;
  if (found) return found;
  throw unknownModel(name, Object.keys(models));
}
