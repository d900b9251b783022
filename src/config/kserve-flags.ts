/**
 * Flags of KServe's Python SDK that mean nothing here, and why. KServe's controller and manifests that were written for
 * the SDK pass them, so they are no mistake.
 */
const KSERVE_ONLY_FLAGS: Readonly<Record<string, string>> = {
  workers: 'one process uses every core; more of the service is more replicas',
  max_threads: 'gRPC has no threads here; --max_in_flight bounds the work',
  max_asyncio_workers: 'pictures are worked on by --imaging_threads',
  event_loop: 'Node has one event loop',
  configure_logging: 'the log is JSON on standard error; --log_level says how much',
  log_config_file: 'the log is JSON on standard error; --log_level says how much',
  access_log_format: 'each request has one line of JSON',
  enable_predictor_health_check: 'readiness asks the predictor; --ready_models says for which models',
  protocol: 'the service speaks every protocol; --predictor_protocol says how it calls the predictor',
};

/** What is said of a flag or key that is not an option. */
export function passedOver(what: string, name: string): string {
  const reason = KSERVE_ONLY_FLAGS[name];
  return reason === undefined ? `unknown ${what} is passed over` : `${what} is passed over: ${reason}`;
}
