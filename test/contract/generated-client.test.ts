import { readFileSync } from 'node:fs';
import openapiTypescript, { astToString } from 'openapi-typescript';
import { describe, expect, it } from 'vitest';

describe('the API document for people outside this repository', () => {
  it('gives a generated client every operation', async () => {
    const file = new URL('../../docs/openapi.json', import.meta.url);
    const document = JSON.parse(readFileSync(file, 'utf8')) as {
      paths: Record<string, Record<string, { operationId?: string }>>;
    };
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.values(path).flatMap((line) => line.operationId ?? []),
    );

    const types = astToString(await openapiTypescript(file));

    expect(operations.length).toBeGreaterThan(20);
    expect(operations.filter((operation) => !types.includes(`operations["${operation}"]`))).toEqual([]);
  });
});
