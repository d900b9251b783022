import { type Response, responseSchema } from 'common-data-type';
import * as z from 'zod';
import type { Service } from '../service.js';
import { type FaceShares, faceSharesSchema } from './answer.js';
import { draw } from './overlay.js';
import { countFaces, print } from './print.js';
import { sendMultiRequest, sendRequest } from './requests.js';

/** Face quality: Requests and MultiRequests of common-data-type, one row per face. */
export const facequality: Service<Response, FaceShares[]> = {
  shows: 'faces with their quality; --explain what each component costs; draws faces and scores',
  takes: ['picture'],
  prediction: responseSchema,
  explanation: z.array(faceSharesSchema),
  finds: { one: 'face', many: 'faces', count: countFaces },
  requests: {
    listName: 'pictures',
    answerName: 'response',
    takesExtraInfo: true,
    notAnswered: 'not scored',
    send: (call, pictures, { isSingle, extraInfo }) => {
      const [first] = pictures;
      return isSingle && first !== undefined
        ? sendRequest(call, first, extraInfo)
        : sendMultiRequest(call, pictures, extraInfo);
    },
  },
  print,
  draw,
};
