/** A support agent that may refund orders: above an amount policy asks a person first (policies/data.json). */
import { defineAgent, defineApp } from '@summit/sdk';
import { playedModel } from './model.ts';
import { lookUpOrder, refund, sendMail } from './tools.ts';

const support = defineAgent({
  name: 'support',
  version: '1',
  model: 'default',
  tools: [lookUpOrder, refund, sendMail],
  instructions:
    'You are the support of a shop. Look the order up first. When a customer asks for their money back, refund the ' +
    'order, then write them a mail about the amount that was refunded, and tell them. When a refund is not made, say why.',
});

export default defineApp({
  name: 'refund',
  agents: [support],
  // A model of your own, by SUMMIT_MODEL_URL and its like, takes the place of the one that is played.
  models: process.env['SUMMIT_MODEL_URL'] === undefined ? { default: playedModel } : {},
});
