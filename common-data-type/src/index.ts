export { COMPONENT_WEIGHTS } from './component-weights.js';
export { echoedExtraInfo, type ExtraInfo, extraInfoSchema, type ItemError, itemErrorSchema } from './extra-info.js';
export { type MultiRequest, multiRequestSchema, type Request, requestSchema } from './request.js';
export {
  type MultiResponse,
  multiResponseSchema,
  type Response,
  type ResponseExtraInfo,
  responseExtraInfoSchema,
  type ResponseItem,
  responseItemSchema,
  responseSchema,
} from './response.js';
