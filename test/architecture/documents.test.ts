import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

describe('generated documents', () => {
  it('docs/carriers.md says what the manifests say', () => {
    const run = () => execFileSync(process.execPath, ['scripts/carriers-doc.ts', '--check'], { stdio: 'pipe' });

    expect(run).not.toThrow();
  });
});
