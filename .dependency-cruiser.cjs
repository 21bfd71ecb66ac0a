const no = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
module.exports = { forbidden: [
  no('domain-is-pure', { path: '^functions/domain' }, { pathNot: '(^functions/domain/|node_modules/(zod|libphonenumber-js|ulid)/)' }),
  no('contracts-are-browser-safe', { path: '^functions/.*[/-](schema|routes)\\.ts$' }, { pathNot: '(^functions/domain|^functions/contract/route\\.ts|[/-](schema|routes)\\.ts$|node_modules/zod/)' }),
  no('aws-only-in-platform', { path: '^functions', pathNot: '^functions/platform/aws' }, { path: 'node_modules/@(aws-sdk|smithy)/' }),
  no('carrier-folders-are-islands', { path: '^functions/carriers/([^/]+)/' }, { path: '^functions/carriers/([^/]+)/', pathNot: '^functions/carriers/$1/' }),
  no('rooms-meet-through-schemas', { path: '^functions/([^/]+)/', pathNot: '(^functions/(api|platform)/|/handler\\.ts$)' }, { path: '^functions/(?!domain|contract|platform)([^/]+)/', pathNot: ['^functions/$1/', '/data/[a-z-]+\\.json$', '^functions/routing/plan\\.ts$', '[/-](schema|routes|port|outcome|errors|store|dialect)\\.ts$'] }),
  no('only-handlers-touch-aws-deps', { path: '^functions', pathNot: '(/handler\\.ts$|^functions/platform/aws/)' }, { path: '^functions/platform/aws/' }),
  no('nothing-imports-local-or-test', { path: '^functions' }, { path: '^(local|test|infra|web)/' }),
  no('no-cycles', {}, { circular: true }),
], options: { tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' }, doNotFollow: { path: 'node_modules' } } };
