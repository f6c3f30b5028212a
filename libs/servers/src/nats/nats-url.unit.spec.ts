import { describe, expect, it } from '@jest/globals';
import { natsOptions, withUser } from './nats-url.ts';

describe('a NATS URL', () => {
  it('gives server, user and password', () => {
    const url = withUser('nats://127.0.0.1:4222', 'api', 'a/b@c');
    expect(natsOptions(url)).toEqual({ servers: ['nats://127.0.0.1:4222'], user: 'api', pass: 'a/b@c' });
  });

  it('names every member of a cluster, and no user where none is given', () => {
    expect(natsOptions('nats://a:1, b:2')).toEqual({ servers: ['nats://a:1', 'nats://b:2'] });
  });
});
