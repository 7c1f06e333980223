'use strict';

// Shows every behaviour of tests/vectors/behaviours.json that has a meaning in Node, in the order of the list.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Skip, vectors } = require('./support.js');

async function run(folder) {
    const list = vectors(folder, 'behaviours').behaviours.filter(({ languages }) => languages.includes('Node'));
    const hasCluster = Boolean(process.env.MEGATORRENT_CLUSTER && process.env.MEGATORRENT_CREDENTIAL);
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'megatorrent-suite-'));
    const context = { folder, file: (name) => path.join(temporary, name) };
    const shows = {
        ...require('./data.js'), ...require('./formats.js'), ...require('./misuse.js'), ...require('./cluster.js'),
    };
    try {
        for (const { id, cluster } of list) {
            const line = cluster && !hasCluster ? `skip ${id}: no cluster` : await show(shows[id], id, context);
            console.log(line);
            if (line.startsWith('not ok')) {
                process.exitCode = 1;
            }
        }
    } finally {
        await context.client?.close();
        fs.rmSync(temporary, { recursive: true, force: true });
    }
}

async function show(behaviour, id, context) {
    if (behaviour === undefined) {
        return `not ok ${id}: the suite does not know it`;
    }
    try {
        await behaviour(context);
        return `ok ${id}`;
    } catch (error) {
        if (error instanceof Skip) {
            return `skip ${id}: ${error.message}`;
        }
        console.error(error);
        return `not ok ${id}: ${String(error.message).replace(/\s+/g, ' ').slice(0, 400)}`;
    }
}

module.exports = { run };
