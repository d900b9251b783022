/** Who may import whom; the picture is in README.md, "Layout". */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: '^(src|common-data-type|client)/', pathNot: allowed },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: '(index|worker-entry)\\.ts$' }, to: {} },
    only(
      'entry',
      '^src/index\\.ts$',
      ['^src/(app|errors)\\.ts$', '^src/(config|observability)/', '^src/transformers/registry\\.ts$'],
      'index → app, config; the registry for its options',
    ),
    only(
      'server',
      '^src/server/',
      [
        '^src/server/',
        '^src/transformers/[^/]+\\.ts$',
        '^src/predictor/predictor\\.ts$',
        '^src/(errors|tensor)\\.ts$',
        '^src/(concurrency|observability|oip)/',
        '^common-data-type/',
      ],
      'server → transformers (registry, run-transformer, types)',
    ),
    only(
      'transformer',
      '^src/transformers/([^/]+)/',
      [
        '^src/transformers/$1/',
        '^src/transformers/(transformer|image-tensors|item-api)\\.ts$',
        '^src/predictor/(predictor|batch-infer)\\.ts$',
        '^src/imaging/',
        '^src/(errors|tensor)\\.ts$',
        '^src/(concurrency|observability)/',
        '^src/config/fields\\.ts$',
        '^common-data-type/',
      ],
      'never another transformer',
    ),
    only(
      'transformers',
      '^src/transformers/[^/]+\\.ts$',
      [
        '^src/transformers/',
        '^src/predictor/predictor\\.ts$',
        '^src/(errors|tensor)\\.ts$',
        '^src/(concurrency|observability|oip)/',
        '^common-data-type/',
      ],
      'what is common to all transformers',
    ),
    only(
      'predictor',
      '^src/predictor/',
      ['^src/predictor/', '^src/(errors|tensor)\\.ts$', '^src/(concurrency|observability|oip)/', '^common-data-type/'],
      'nothing above it',
    ),
    only('imaging', '^src/imaging/', ['^src/imaging/', '^src/(errors|tensor)\\.ts$'], 'pure: errors and tensor only'),
    only('oip', '^src/oip/', ['^src/oip/', '^src/(errors|tensor)\\.ts$'], 'the protocol, whichever side speaks it'),
    only('config', '^src/config/', ['^src/config/'], 'zod only'),
    only('base', '^src/(errors|tensor)\\.ts$', ['^src/(errors|tensor)\\.ts$'], 'the ground floor'),
    only(
      'concurrency',
      '^src/(concurrency|observability)/',
      ['^src/(concurrency|observability)/', '^src/(errors|tensor)\\.ts$'],
      'open to all, sees the ground floor alone',
    ),
    only('client', '^client/', ['^client/', '^common-data-type/'], 'client → common-data-type'),
    only('common', '^common-data-type/', ['^common-data-type/'], 'nothing'),
    ...Object.entries({
      express: '^src/server/',
      busboy: '^src/server/',
      '@grpc': '^(src/server/grpc/|src/predictor/triton/|client/)',
      undici: '^client/',
      sharp: '^(src/imaging/|client/)',
      'onnxruntime-node': '^src/predictor/embedded/',
      protobufjs: '^src/predictor/embedded/',
      piscina: '^src/concurrency/',
      pino: '^src/observability/',
      'prom-client': '^src/observability/',
      yaml: '^src/config/',
    }).map(([library, place]) => ({
      name: `${library}-in-its-place`,
      severity: 'error',
      from: { pathNot: place },
      to: { path: `node_modules/(@types/)?${library}/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
