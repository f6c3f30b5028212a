import { type Json } from '@summit/kernel';
import { IsOptional, IsString, Length, MaxLength } from 'class-validator';

/** Body of `POST /v1/runs/:id/signals`. */
export class SignalDto {
  @IsString()
  @Length(1, 128)
  name!: string;

  /** Anything; null where it is not given. */
  @IsOptional()
  payload?: Json;
}

/** Body of `POST /v1/runs/:id/cancel`. */
export class CancelDto {
  @IsOptional()
  @IsString()
  @MaxLength(1000)
  reason?: string;
}
