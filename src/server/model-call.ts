import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Answers one request that calls a model. What it throws is the request's error.
 * @param target what the path says: which model, and what is asked of it
 */
export type ModelCall<Target> = (request: IncomingMessage, response: ServerResponse, target: Target) => Promise<void>;
