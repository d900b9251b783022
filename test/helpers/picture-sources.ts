import { createPictureSources } from '../../src/imaging/sources/picture-sources.js';

/** Pictures that stand in the request itself, and no others. */
export const requestPictures = createPictureSources({ remote: undefined, local: undefined, maxBytes: 0 });
