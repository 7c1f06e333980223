'use strict';

// Prints what crossing the boundary costs: `bench NAME NANOSECONDS BYTES`, the median of batches.

const { randomBytes } = require('node:crypto');
const { Client, ReedSolomon, abiVersion, blob, sha256 } = require('megatorrent');

const BATCHES = 9;
const BATCH_NANOSECONDS = 60_000_000n;
const MIB = 1048576;

const median = (values) => values.sort((left, right) => left - right)[Math.floor(values.length / 2)];

function report(name, nanoseconds, bytes) {
    console.log(`bench ${name} ${nanoseconds.toFixed(1)} ${bytes}`);
}

/** Nanoseconds of one call. */
function measure(call) {
    let count = 1;
    const batch = () => {
        const start = process.hrtime.bigint();
        for (let index = 0; index < count; index++) {
            call();
        }
        return process.hrtime.bigint() - start;
    };
    // Until a batch is long enough; by then the code is compiled, too.
    for (let time = batch(); time < BATCH_NANOSECONDS; time = batch()) {
        count *= 2;
    }
    return median(Array.from({ length: BATCHES }, () => Number(batch()) / count));
}

async function run(capability) {
    report('empty', measure(abiVersion), 0);
    const short = randomBytes(64);
    report('sha256-64', measure(() => sha256(short)), 64);
    const chunk = randomBytes(MIB);
    const options = { compression: 'none', into: Buffer.alloc(MIB + 32) }; // as the C function is called: into memory that is there
    report('seal-1m', measure(() => blob.seal(chunk, options)), MIB);
    const code = new ReedSolomon(4, 2);
    const data = Array.from({ length: 4 }, () => randomBytes(MIB / 4));
    const parity = code.encode(data);
    report('encode-1m', measure(() => code.encode(data, parity)), MIB);
    if (capability === undefined) {
        return;
    }

    const client = await Client.open();
    const object = await client.open(capability);
    const into = Buffer.alloc(object.length);
    object.close();
    const times = [];
    let length;
    for (let count = 0; count < 3; count++) {
        const start = process.hrtime.bigint();
        ({ length } = await client.read(capability, { into }));
        times.push(Number(process.hrtime.bigint() - start));
    }
    report('get-256m', median(times), length);
    await client.close();
}

module.exports = { run };
