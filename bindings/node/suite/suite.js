'use strict';

// The behaviour suite in Node; tests/abi/README.md says what its arguments do. It uses the package megatorrent as it was installed, which
// NODE_PATH leads to:
//
//      NODE_PATH=FOLDER/node_modules node --expose-gc suite.js behaviours tests/vectors

const { isMainThread } = require('node:worker_threads');

const usage = 'usage: suite.js behaviours VECTORS | put FILE | get CAPABILITY PATH | bench [CAPABILITY] | soak SECONDS';

async function put(file) {
    const { Client } = require('megatorrent');
    const client = await Client.open();
    const { capability } = await client.putFile(file);
    console.log(capability);
    await client.close();
}

async function get(capability, path) {
    const { Client } = require('megatorrent');
    const client = await Client.open();
    await client.getFile(capability, path);
    await client.close();
}

/** Starts a put and ends: by exit at once, or by doing nothing more, in which case Node itself waits for the put. */
async function exitUnderWay(how) {
    const { Client } = require('megatorrent');
    const client = await Client.open();
    client.put(Buffer.alloc(64 * 1048576, 1), { compression: 'none' }).catch(() => {});
    if (how === 'exit') {
        process.exit(0);
    }
}

async function main([verb, ...args]) {
    const verbs = {
        behaviours: [1, (vectors) => require('./behaviours.js').run(vectors)],
        put: [1, put],
        get: [2, get],
        bench: [args.length <= 1 ? args.length : 1, (capability) => require('./bench.js').run(capability)],
        soak: [1, (seconds) => require('./soak.js').run(seconds)],
        'exit-under-way': [args.length, exitUnderWay],
    };
    const [count, run] = verbs[verb] ?? [];
    if (run === undefined || args.length !== count) {
        console.error(usage);
        process.exitCode = 2;
        return;
    }
    await run(...args);
}

if (isMainThread) {
    main(process.argv.slice(2)).catch((error) => {
        console.error(error);
        process.exitCode = 1;
    });
}
