'use strict';

const native = require('./native.js');
const { wrongType } = require('./errors.js');
const { numberOf } = require('./support.js');

const levels = [undefined, 'error', 'warning', 'info', 'debug'];
let current;

function setLog(callback, level = 'info') {
    if (callback !== null && typeof callback !== 'function') {
        throw wrongType('callback', 'a function or null', callback);
    }
    const number = typeof level === 'number' ? level : numberOf(levels, level, 'level');
    // Lines that wait in the queue when the callback is replaced are not given to it any more.
    const deliver = callback && ((lineLevel, message) => {
        if (current === deliver) {
            callback(levels[lineLevel], message);
        }
    });
    native.logSet(deliver, number);
    current = deliver;
}

module.exports = { setLog };
