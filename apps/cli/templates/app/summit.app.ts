/** An agent that books meeting rooms. Long bookings need a person's consent: policies/data.json. */
import { defineAgent, defineApp } from '@summit/sdk';
import { playedModel } from './model.ts';
import { bookRoom } from './tools.ts';

const desk = defineAgent({
  name: 'desk',
  version: '1', // runs keep the version they began with: changed behaviour gets a new one
  tools: [bookRoom],
  instructions: 'You book meeting rooms. Say what was booked. Where a booking is not made, say why.',
});

export default defineApp({
  name: 'rooms',
  agents: [desk],
  // Set SUMMIT_MODEL_URL and SUMMIT_MODEL_NAME, and a real model takes the place of the one that is played.
  models: process.env['SUMMIT_MODEL_URL'] === undefined ? { default: playedModel } : {},
});
