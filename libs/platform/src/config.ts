import { InvalidInputError } from '@summit/kernel';
import { z } from 'zod';

/** An environment variable that holds a whole number. */
export const wholeNumber = z
  .string()
  .regex(/^\d+$/)
  .transform((text) => Number(text));

/** An environment variable that holds `a,b,c`. */
export const list = z.string().transform((text) => text.split(',').filter((item) => item !== ''));

/**
 * Reads an app's configuration from its environment, once, by one schema. Throws {@link InvalidInputError}
 * `CONFIG_INVALID` that names each variable.
 */
export function readConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const result = schema.safeParse(environment);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new InvalidInputError('CONFIG_INVALID', faults.join('; '), 'Set the variables that are named.');
}

const SECRET = /(password|secret|token|key)/i;

/** A configuration as it may be shown: secrets and passwords in URLs are hidden. */
export function redacted(config: object): Record<string, unknown> {
  const shown = Object.entries(config).map(([name, value]): [string, unknown] => {
    if (SECRET.test(name)) return [name, '(hidden)'];
    return [name, typeof value === 'string' ? value.replace(/\/\/[^/@]*@/g, '//(hidden)@') : value];
  });
  return Object.fromEntries(shown);
}
