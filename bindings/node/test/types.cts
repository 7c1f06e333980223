// The types as a CommonJS module sees them; types.mts is the longer one.

import megatorrent = require('megatorrent');

const hash: Buffer = megatorrent.sha256(new Uint8Array(3));
const code: string = new megatorrent.MegatorrentError(-1, 'MT_ERROR_INVALID_ARGUMENT', hash.toString('hex')).code;
export { code };
