import { readFileSync, writeFileSync } from 'node:fs';
import { MANIFESTS } from '../functions/carriers/registry.ts';

/** Writes `docs/carriers.md` from the manifests, or with `--check` fails when the file says otherwise. */
const target = new URL('../docs/carriers.md', import.meta.url);
const yes = (value: unknown): string => (value ? 'yes' : 'no');

const sections = MANIFESTS.map((manifest) => {
  const rows = manifest.capabilities.map((row) =>
    [
      row.countries === '*' ? 'all others' : row.countries.join(' '),
      row.types.join(', '),
      row.filters.join(', '),
      row.reserve ? `${row.reserve.ttlSeconds / 60} min` : 'no',
      row.purchase === 'sync' ? 'at once' : 'accepted, then by webhook or poll',
      yes(row.papers),
      row.features.join(', '),
    ].join(' | '),
  );
  return [
    `## ${manifest.name}`,
    '',
    `Official SDK: \`${manifest.sdk ?? 'none'}\`. Requests at once: ${manifest.concurrency}. Credentials: ${manifest.credentials.map((one) => `\`${one.name}\`${one.required ? '' : ' (optional)'}`).join(', ')}.`,
    '',
    '| countries | types | filters the carrier applies itself | hold | purchase | papers by API | features |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
});
const text = `# Carriers\n\nGenerated from the manifests by \`npm run carriers-doc\`. What a carrier cannot do is absent here and absent in its adapter.\n\n${sections.join('\n\n')}\n`;

if (process.argv.includes('--check')) {
  if (readFileSync(target, 'utf8') !== text) {
    console.error('docs/carriers.md is not what the manifests say: run npm run carriers-doc');
    process.exit(1);
  }
} else writeFileSync(target, text);
