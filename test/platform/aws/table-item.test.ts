import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributeName, marshal, toItem, toStored, unmarshal } from '../../../functions/platform/aws/table-item.ts';
import { MARK, RESERVED, TABLE } from '../../../functions/platform/aws/table-shape.ts';
import { INDEXES, type Json, type JsonObject } from '../../../functions/platform/table.ts';

/** Names that a careless mapping would confuse with keys, with each other or with the prototype. */
const name = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...RESERVED, ...[...RESERVED].map((one) => `~${one}`), '', '~', '~~', '__proto__', 'constructor'),
);
const text = fc.string({ unit: 'binary' });
/** What the checks of every engine let through. */
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => one === 0 || inRange(Math.abs(one)));
const inRange = (size: number) => size >= 1e-130 && size <= 9.999e125;
const { value, object } = fc.letrec<{ value: Json; object: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.boolean(),
    text,
    number,
    fc.integer(),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  object: fc.dictionary(name, tie('value'), { maxKeys: 6, noNullPrototype: true }),
}));
/** As any engine gives it back: through JSON, which knows no -0. */
const overTheWire = <T>(one: T): T => JSON.parse(JSON.stringify(one)) as T;

describe('items', () => {
  it('read back every JSON value as it was written', async () => {
    await fc.assert(
      fc.property(value, (one) => {
        expect(unmarshal(overTheWire(marshal(one)))).toEqual(overTheWire(one));
      }),
      { numRuns: 1000 },
    );
  });

  it('read back every item as it was written, whatever its fields are called', async () => {
    const keys = fc.record({ pk: text, sk: text });
    const indexes = fc.dictionary(fc.constantFrom(...INDEXES), keys, { noNullPrototype: true });
    const life = fc.option(fc.integer(), { nil: undefined });
    await fc.assert(
      fc.property(keys, object, indexes, life, (key, data, lists, expiresAt) => {
        const stored = { key, data, ...(expiresAt === undefined ? {} : { expiresAt }) };
        const item = overTheWire(toItem(stored, lists));
        expect(toStored({ ...item, [MARK]: { S: 'mark' } })).toEqual(overTheWire(stored));
        expect(item[TABLE.partitionKey]).toEqual({ S: key.pk });
        for (const [index, entry] of Object.entries(lists))
          expect(item[TABLE.indexes[index as keyof typeof lists & keyof typeof TABLE.indexes].sk]).toEqual({
            S: entry?.sk,
          });
      }),
      { numRuns: 1000 },
    );
  });

  it('give no two fields one attribute, and no field that of a key', async () => {
    await fc.assert(
      fc.property(name, name, (a, b) => {
        expect(attributeName(a) === attributeName(b)).toBe(a === b);
        expect(RESERVED.has(attributeName(a))).toBe(false);
        expect(attributeName(a)).not.toBe('');
      }),
    );
  });

  it('write half a surrogate pair as the replacement character, as UTF-8 does', () => {
    expect(marshal('a\ud800')).toEqual({ S: 'a\ufffd' });
  });

  it('refuse what we do not write', () => {
    expect(() => unmarshal({ SS: ['a'] } as never)).toThrow(TypeError);
    expect(() => toStored({ pk: { S: 'a' } })).toThrow(TypeError);
  });
});
