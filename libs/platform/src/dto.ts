import { InvalidInputError, isObject } from '@summit/kernel';
import { plainToInstance } from 'class-transformer';
import {
  registerDecorator,
  validateSync,
  type ValidationArguments,
  type ValidationError,
} from 'class-validator';
import { type z } from 'zod';

/** A DTO class that class-validator checks by the fields of a Zod schema, the one source of their shape. */
export function dtoOf<Schema extends z.ZodObject>(schema: Schema): new () => z.output<Schema> {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- its fields are the schema's
  const Dto = class {} as new () => z.output<Schema>;
  for (const [propertyName, field] of Object.entries<z.ZodType>(schema.shape)) fits(Dto, propertyName, field);
  return Dto;
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

/** Reads a body as a DTO class says. Throws {@link InvalidInputError} `INVALID_BODY` that names each field. */
export function readDto<Dto extends object>(type: new () => Dto, body: unknown): Dto {
  if (!isObject(body)) throw invalidBody('the body must be a JSON object');
  const dto = plainToInstance(type, body);
  const faults = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true });
  if (faults.length === 0) return dto;
  throw invalidBody(faults.flatMap(sentences).join('; '));
}

const sentences = ({ constraints }: ValidationError): string[] => Object.values(constraints ?? {});

export const invalidBody = (message: string): InvalidInputError =>
  new InvalidInputError('INVALID_BODY', message, 'Send a body of the documented shape.');
