import { InvalidInputError, isObject } from '@summit/kernel';
import { plainToInstance } from 'class-transformer';
import { IsBoolean, IsOptional, validateSync } from 'class-validator';

/** Body of `POST /v1/bundles/:digest/activate`; it may be left out. */
export class ActivationDto {
  /** It is an older bundle than the active one. */
  @IsOptional()
  @IsBoolean()
  rollback?: boolean;
}

/** Throws {@link InvalidInputError} `INVALID_BODY`. */
export function activationOf(body: unknown): ActivationDto {
  const dto = plainToInstance(ActivationDto, isObject(body) ? body : {});
  const faults = validateSync(dto, { whitelist: true, forbidNonWhitelisted: true });
  if (faults.length === 0) return dto;
  const sentences = faults.flatMap(({ constraints }) => Object.values(constraints ?? {}));
  throw new InvalidInputError('INVALID_BODY', sentences.join('; '), 'Send { "rollback": true }, or nothing.');
}
