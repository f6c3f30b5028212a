import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { decodeGroup, decodeHeader, encodeGroup, FIRST_PREV } from './group.ts';

const header = { partition: 3, generation: 1, epoch: 7, groupId: '00ff', prev: FIRST_PREV };
const place = { partition: 3, sequence: 1 };
const commit = (line: string) => ({ line, digest: createHash('sha256').update(line).digest('hex') });
const commits = [commit('{"a":1}'), commit('{"b":"ü🎈"}')];

describe('a group', () => {
  it('is JSON lines, each ended by a line feed, the header first', () => {
    const { bytes } = encodeGroup(header, commits);
    expect(Buffer.from(bytes).toString()).toBe(
      `{"v":1,"partition":3,"generation":1,"epoch":7,"groupId":"00ff","prev":"${'0'.repeat(64)}"}\n` +
        '{"a":1}\n{"b":"ü🎈"}\n',
    );
  });

  it('[I5] has the digest of its header line and the raw digests of its commits', () => {
    const { digest, headerLine } = encodeGroup(header, commits);
    const hash = createHash('sha256').update(headerLine);
    for (const one of commits) hash.update(Buffer.from(one.digest, 'hex'));
    expect(digest).toBe(hash.digest('hex'));
  });

  it('reads back as it was written', () => {
    const encoded = encodeGroup(header, commits);
    const group = decodeGroup(encoded.bytes, place);
    expect(group).toEqual({
      header: { v: 1, ...header },
      headerLine: encoded.headerLine,
      commits,
      digest: encoded.digest,
    });
    expect(decodeHeader(encoded.bytes, place)).toEqual(group.header);
  });

  it.each([
    ['no line feed at the end', '{"v":1}'],
    ['nothing', ''],
    ['no header', '{"a":1}\n{"b":1}\n'],
    ['a header of another version', `${JSON.stringify({ v: 2, ...header })}\n{"a":1}\n`],
    ['a header with more members', `${JSON.stringify({ v: 1, ...header, x: 1 })}\n{"a":1}\n`],
    ['a header that is no JSON', 'v1\n{"a":1}\n'],
    ['no commit', `${JSON.stringify({ v: 1, ...header })}\n`],
  ])('[I5] is refused with its place: %s', (_, text) => {
    expect(() => decodeGroup(Buffer.from(text), place)).toThrow(
      expect.objectContaining({
        code: 'JOURNAL_BROKEN',
        message: expect.stringContaining('partition 3, sequence 1'),
      }),
    );
  });

  it('[I5] is refused where its bytes are not UTF-8, so that one digest stands for one text', () => {
    const { bytes } = encodeGroup(header, [commit('{"a":"?"}')]);
    bytes[bytes.length - 4] = 0xff;
    expect(() => decodeGroup(bytes, place)).toThrow(expect.objectContaining({ code: 'JOURNAL_BROKEN' }));
  });
});
