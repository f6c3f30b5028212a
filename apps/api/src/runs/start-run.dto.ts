import { type Json } from '@summit/kernel';
import { IsOptional, IsString, Length } from 'class-validator';

/** Body of `POST /v1/runs`. */
export class StartRunDto {
  @IsString()
  @Length(1, 128)
  workflow!: string;

  /** The newest registered one where it is not given. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  version?: string;

  /** Anything that fits the workflow's schema. */
  @IsOptional()
  input?: Json;
}
