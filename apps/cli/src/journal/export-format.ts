/**
 * An exported journal: parts one after another, each a line of JSON that says what follows, then exactly so many bytes.
 *
 *     {"section":"journal","v":1,"partitions":[0,1],"key":"…","bytes":0}
 *     {"section":"group","partition":0,"generation":1,"sequence":1,"bytes":1234}     the stored bytes of a group
 *     {"section":"head","partition":0,"bytes":200}                                   a signed note over the last group
 *     {"section":"entries","partition":0,"tenant":"acme","bytes":650}                the log's entries, hexadecimal, a line each
 *     {"section":"checkpoints","partition":0,"tenant":"acme","bytes":900}            signed notes, a JSON string a line
 *     {"section":"end","sections":7,"bytes":0}
 *
 * Groups by partition and sequence; each partition's head and logs behind its groups; tenants in order. A line is
 * written in one way only, so every byte of the file is bound: by a link, a signature, or its place.
 */
import { z } from 'zod';

const common = { bytes: z.int().nonnegative() };
const partition = z.int().min(0).max(99);
const sectionSchema = z.discriminatedUnion('section', [
  z.strictObject({
    section: z.literal('journal'),
    v: z.literal(1),
    partitions: z.array(partition).min(1),
    key: z.string(),
    ...common,
  }),
  z.strictObject({
    section: z.literal('group'),
    partition,
    generation: z.int().positive(),
    sequence: z.int().positive(),
    ...common,
  }),
  z.strictObject({ section: z.literal('head'), partition, ...common }),
  z.strictObject({ section: z.literal('entries'), partition, tenant: z.string(), ...common }),
  z.strictObject({ section: z.literal('checkpoints'), partition, tenant: z.string(), ...common }),
  z.strictObject({ section: z.literal('end'), sections: z.int().nonnegative(), ...common }),
]);

/** What a part says of itself. Members stand in the order of the schema. */
export type Section = z.infer<typeof sectionSchema>;

/** The line before a part. */
export function sectionLine(section: Section): string {
  return `${JSON.stringify(section)}\n`;
}

/** Reads such a line, without its line feed; undefined where it is not one, or is written otherwise. */
export function parseSectionLine(line: string): Section | undefined {
  try {
    const section = sectionSchema.parse(JSON.parse(line));
    return JSON.stringify(section) === line ? section : undefined;
  } catch {
    return undefined;
  }
}
