import { InvalidInputError, isObject } from '@summit/kernel';
import { plainToInstance } from 'class-transformer';
import {
  registerDecorator,
  validateSync,
  type ValidationArguments,
  type ValidationError,
} from 'class-validator';
import { type z } from 'zod';

/** A DTO class by the fields of a Zod schema, the one source of their shape. */
export interface DtoClass<Fields extends object> {
  new (): Fields;
  readonly fields: ReadonlyMap<string, z.ZodType>;
  /** Those that no body may lack. */
  readonly required: readonly string[];
}

/** Makes a DTO class, which class-validator checks too. */
export function dtoOf<Schema extends z.ZodObject>(schema: Schema): DtoClass<z.output<Schema>> {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- its fields are the schema's
  const Dto = class {} as new () => z.output<Schema>;
  const fields = new Map(Object.entries<z.ZodType>(schema.shape));
  for (const [propertyName, field] of fields) fits(Dto, propertyName, field);
  const required = [...fields]
    .filter(([, field]) => !field.safeParse(undefined).success)
    .map(([name]) => name);
  return Object.assign(Dto, { fields, required });
}

function fits(target: new () => object, propertyName: string, field: z.ZodType): void {
  const faults = (value: unknown): readonly string[] => {
    const read = field.safeParse(value);
    return read.success ? [] : read.error.issues.map(({ path, message }) => [...path, message].join(': '));
  };
  registerDecorator({
    target,
    propertyName,
    name: 'fits',
    validator: {
      validate: (value: unknown) => faults(value).length === 0,
      defaultMessage: ({ property, value }: ValidationArguments) =>
        faults(value)
          .slice(0, 5)
          .map((fault) => `${property}: ${fault}`)
          .join('; '),
    },
  });
}

/**
 * Reads a body as a DTO class says. Throws {@link InvalidInputError} `INVALID_BODY` that names each field.
 *
 * What fits is taken by the compiled schemas of its fields alone; class-validator words what does not, and would take
 * some ten times as long for what does.
 */
export function readDto<Fields extends object>(type: DtoClass<Fields>, body: unknown): Fields {
  if (!isObject(body)) throw invalidBody('the body must be a JSON object');
  if (fitsAll(type, body)) return Object.assign(new type(), body);
  const dto = plainToInstance(type, body);
  const faults = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true });
  if (faults.length === 0) return dto;
  throw invalidBody(faults.flatMap(sentences).join('; '));
}

function fitsAll({ fields, required }: DtoClass<object>, body: Readonly<Record<string, unknown>>): boolean {
  for (const name in body) if (!fields.get(name)?.safeParse(body[name]).success) return false;
  return required.every((name) => Object.hasOwn(body, name));
}

const sentences = ({ constraints }: ValidationError): string[] => Object.values(constraints ?? {});

export const invalidBody = (message: string): InvalidInputError =>
  new InvalidInputError('INVALID_BODY', message, 'Send a body of the documented shape.');
