'use strict';

/**
 * What every failure of the library is: `code` is the name of its status ('MT_ERROR_INTEGRITY'), `status` its number, and the message says
 * what went wrong and what to do.
 */
class MegatorrentError extends Error {
    constructor(status, code, message) {
        super(message);
        this.status = status;
        this.code = code;
    }
}
Object.defineProperty(MegatorrentError.prototype, 'name', { value: 'MegatorrentError', configurable: true, writable: true });

/** What an operation that was aborted by its signal rejects with, made like that of Node's own interfaces. */
class AbortError extends Error {
    constructor(cause) {
        super('The operation was aborted', { cause });
        this.code = 'ABORT_ERR';
    }
}
Object.defineProperty(AbortError.prototype, 'name', { value: 'AbortError', configurable: true, writable: true });

/** The statuses that this package gives by itself; native/include/megatorrent.h has them all. */
const statuses = {
    MT_ERROR_INVALID_ARGUMENT: -1,
    MT_ERROR_INVALID_HANDLE: -3,
    MT_ERROR_STATE: -9,
    MT_ERROR_MALFORMED: -20,
    MT_ERROR_OUT_OF_MEMORY: -60,
    MT_ERROR_LIMIT_EXCEEDED: -61,
    MT_ERROR_CANCELED: -80,
};

/** A MegatorrentError by the name of its status. */
function failure(code, message) {
    return new MegatorrentError(statuses[code], code, message);
}

/** A TypeError as Node's own functions throw it. */
function wrongType(name, expected, value) {
    const kind = value === null ? 'null' : typeof value;
    return Object.assign(new TypeError(`${name} must be ${expected}, not ${kind === 'object' ? 'an object of another kind' : kind}`), {
        code: 'ERR_INVALID_ARG_TYPE',
    });
}

module.exports = { MegatorrentError, AbortError, failure, wrongType };
