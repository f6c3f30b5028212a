import { z } from 'zod';
import { defineEvent } from './define.ts';

/** A leader's reign began; everything it writes comes after this event. // I2 */
export const LeaderElected = defineEvent('LeaderElected', { epoch: z.int(), incarnation: z.string() });

/** The bundle that decides from here on, by the digests a re-evaluation needs. */
export const PolicyActivated = defineEvent('PolicyActivated', {
  tenant: z.string(),
  policy: z.string(),
  bundle: z.string(),
  wasm: z.string(),
  dataDigest: z.string(),
  engine: z.string(),
});

export const partitionEvents = [LeaderElected, PolicyActivated] as const;
