'use strict';

// Loads the addon: the one that the package brings for this platform, or the one that MEGATORRENT_NODE_BINARY names.

const fs = require('node:fs');
const path = require('node:path');
const { MegatorrentError } = require('./errors.js');
const { version } = require('../package.json');

const prebuilds = path.join(__dirname, '..', 'prebuilds');
const advice = 'Build it from the source (bindings/node in the repository, "Develop" in its README) and set MEGATORRENT_NODE_BINARY to ' +
    'the path of its megatorrent.node, which needs the library of that platform beside it.';

function unusable(message, cause) {
    return Object.assign(new Error(message, cause && { cause }), { code: 'ERR_MEGATORRENT_BINARY' });
}

function locate() {
    const chosen = process.env.MEGATORRENT_NODE_BINARY;
    if (chosen) {
        if (!fs.existsSync(chosen)) {
            throw unusable(`MEGATORRENT_NODE_BINARY is ${chosen}, and there is no such file.`);
        }
        return path.resolve(chosen);
    }

    const platform = `${process.platform}-${process.arch}`;
    const file = path.join(prebuilds, platform, 'megatorrent.node');
    if (!fs.existsSync(file)) {
        const there = fs.existsSync(prebuilds) ? fs.readdirSync(prebuilds).join(', ') : '';
        throw unusable(`megatorrent ${version} brings no binary for ${platform}, only for ${there || 'no platform at all'}. ${advice}`);
    }
    return file;
}

function load() {
    const file = locate();
    let native;
    try {
        native = require(file);
    } catch (error) {
        throw unusable(`${file} cannot be loaded: ${error.message}. The binaries in the package are for the GNU C library ` +
            `(2.34 or later). ${advice}`, error);
    }

    native.setErrorMaker((status, code, message) => new MegatorrentError(status, code, message));
    const facts = native.facts();
    if (native.abiVersion() >>> 16 !== facts.headerAbiVersion >>> 16 || native.abiVersion() < facts.headerAbiVersion) {
        throw unusable(`The library beside ${file} has the interface ${native.abiVersion()}, and this package needs ` +
            `${facts.headerAbiVersion}. Put the library that was built with it in its place.`);
    }
    return Object.assign(native, { facts: Object.freeze(facts) });
}

module.exports = load();
