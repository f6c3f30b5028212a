import { InvalidInputError, isObject } from '@summit/kernel';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';

/** Reads a body as a DTO class says. Throws {@link InvalidInputError} `INVALID_BODY` that names each field. */
export function readDto<Dto extends object>(type: new () => Dto, body: unknown): Dto {
  if (!isObject(body)) throw invalid('the body must be a JSON object');
  const dto = plainToInstance(type, body);
  const faults = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true });
  if (faults.length === 0) return dto;
  throw invalid(faults.flatMap(sentences).join('; '));
}

/** Checks the body of a request that says everything by its path: none, or `{}`. Throws `INVALID_BODY`. */
export function expectNoBody(body: unknown): void {
  if (body === undefined || body === null) return;
  if (!isObject(body) || Object.keys(body).length > 0) throw invalid('the body must be {} or none');
}

const sentences = ({ constraints }: ValidationError): string[] => Object.values(constraints ?? {});

const invalid = (message: string): InvalidInputError =>
  new InvalidInputError('INVALID_BODY', message, 'Send a body of the documented shape.');
