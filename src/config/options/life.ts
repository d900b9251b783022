import * as z from 'zod';
import { choice, decimal } from '../fields.js';

/** When the service is ready, and how it ends. */
export const lifeOptions = z.object({
  readiness: choice(['all', 'any'])
    .default('all')
    .describe('whether the service is ready when all of its models are, or when any is'),
  // Endpoints are known everywhere within a second or two of a change as a rule, and proxies look at them less often.
  // Both times together leave 5 of the 30 seconds that Kubernetes gives a pod by default before it kills it.
  shutdown_delay_seconds: decimal({ min: 0, max: 3600 })
    .default(5)
    .describe(
      'how long after SIGTERM the service says that it is not ready and still takes requests: the time that Kubernetes needs to send them elsewhere; not waited after SIGINT (Ctrl-C)',
    ),
  shutdown_grace_seconds: decimal({ min: 0, max: 3600 })
    .default(20)
    .describe(
      "how long requests in flight may take to end after that; both together must be less than the pod's terminationGracePeriodSeconds, 30 by default",
    ),
});
