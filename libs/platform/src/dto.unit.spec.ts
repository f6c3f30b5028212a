import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { dtoOf, readDto } from './dto.ts';

class PersonDto extends dtoOf(
  z.strictObject({ name: z.string().min(1), age: z.int().optional(), more: z.unknown().optional() }),
) {}

const refused = (body: unknown): string => {
  try {
    readDto(PersonDto, body);
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'nothing was thrown';
};

describe('a DTO', () => {
  it('is what fits, and nothing besides', () => {
    const more = { constructor: 'a word', deep: [null, { x: 1 }] };
    const dto = readDto(PersonDto, { name: 'Al', more });
    expect(dto).toBeInstanceOf(PersonDto);
    expect(dto).toEqual({ name: 'Al', more });
  });

  it('is refused with a sentence for each field that does not fit, those that are unknown first', () => {
    expect(refused({ age: 'x', shoe: 42 })).toBe(
      'property shoe should not exist; ' +
        'name: Invalid input: expected string, received undefined; ' +
        'age: Invalid input: expected number, received string',
    );
    expect(refused({ name: '' })).toBe('name: Too small: expected string to have >=1 characters');
  });

  it('is a JSON object', () => {
    for (const body of [undefined, null, [], 'x', 1]) {
      expect(refused(body)).toBe('the body must be a JSON object');
    }
  });
});
