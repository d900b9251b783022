/** Seconds after which a client that was turned away for lack of room may try again. */
export const RETRY_AFTER_SECONDS = '1';
