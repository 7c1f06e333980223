// Compiles the addon with g++ against the headers of npm packages (no node-gyp, nothing is downloaded), and lays out the package.
//
//      node scripts/build.mjs --library DIR --include DIR --notices FILE --modules DIR --output DIR
//
//      --library   libmegatorrent.so, and below it glibc-hwcaps/ if there is one
//      --include   megatorrent.h
//      --notices   the licences of what is linked into the library
//      --modules   node_modules with node-addon-api and node-api-headers, as `npm ci` makes it from package-lock.json
//      --output    gets objects/ and package/, which is what `npm pack` packs
//
// An object file is made again when its source, a header, the command or a tool is newer. Prints what it does, ends with 1 on a failure.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const names = ['library', 'include', 'notices', 'modules', 'output'];
const { values } = parseArgs({ options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) });
for (const name of names) {
    if (values[name] === undefined) {
        console.error(`usage: build.mjs ${names.map((each) => `--${each} PATH`).join(' ')}`);
        process.exit(2);
    }
}
const [library, include, notices, modules, output] = names.map((name) => path.resolve(values[name]));

if (process.platform !== 'linux') {
    console.error(`build.mjs compiles for Linux; on ${process.platform} the flags are others, and nobody has written them yet.`);
    process.exit(1);
}

const sources = path.join(root, 'src');
const objects = path.join(output, 'objects');
const compiler = process.env.CXX || 'g++';
const compile = [
    '-std=c++17', '-O2', '-fPIC', '-fvisibility=hidden', '-fno-gnu-unique', '-ffunction-sections', '-fdata-sections',
    '-fstack-protector-strong', '-Wall', '-Wextra', '-Werror', '-DNAPI_VERSION=8', '-DNAPI_CPP_EXCEPTIONS',
    '-DNODE_ADDON_API_CPP_EXCEPTIONS_ALL',
    // An error that comes up while a worker thread is being terminated has nobody to go to, and is no reason to end the process.
    '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
    `-I${include}`, `-isystem${path.join(modules, 'node-api-headers', 'include')}`, `-isystem${path.join(modules, 'node-addon-api')}`,
];
// The C++ runtime is inside, since the one of the system may be older. -z nodelete: the runtime of the library cannot be unloaded, which
// would happen when a worker thread that loaded the addon ends.
const link = [
    '-shared', '-static-libstdc++', '-shared-libgcc', '-pthread', `-L${library}`, '-lmegatorrent', '-Wl,-rpath,$ORIGIN', '-Wl,-z,nodelete',
    '-Wl,-z,relro,-z,now', '-Wl,--gc-sections', `-Wl,--version-script=${path.join(sources, 'exports.map')}`, '-Wl,--strip-all',
];

const timeOf = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -1;
const run = promisify(execFile);

async function compiled() {
    fs.mkdirSync(objects, { recursive: true });
    const stamp = path.join(objects, 'command');
    const command = [compiler, ...compile].join('\n');
    if (!fs.existsSync(stamp) || fs.readFileSync(stamp, 'utf8') !== command) {
        fs.rmSync(objects, { recursive: true });
        fs.mkdirSync(objects);
        fs.writeFileSync(stamp, command);
    }

    const files = fs.readdirSync(sources);
    const headers = [
        ...files.filter((file) => file.endsWith('.h')).map((file) => path.join(sources, file)), path.join(include, 'megatorrent.h'),
        path.join(modules, 'node-addon-api', 'package.json'),
    ];
    const newest = Math.max(...headers.map(timeOf));
    const queue = files.filter((file) => file.endsWith('.cc'));
    const made = queue.map((file) => path.join(objects, `${path.basename(file, '.cc')}.o`));
    await Promise.all(Array.from({ length: os.availableParallelism?.() ?? os.cpus().length }, async () => {
        for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
            const source = path.join(sources, file);
            const object = path.join(objects, `${path.basename(file, '.cc')}.o`);
            if (timeOf(object) < Math.max(newest, timeOf(source))) {
                console.log(`compiling ${file}`);
                await run(compiler, [...compile, '-c', source, '-o', object]);
            }
        }
    }));
    return made;
}

function copyFolder(from, to) {
    fs.cpSync(from, to, { recursive: true, preserveTimestamps: true });
}

try {
    const made = await compiled();
    const folder = path.join(output, 'package');
    const prebuild = path.join(folder, 'prebuilds', `${process.platform}-${process.arch}`);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(prebuild, { recursive: true });
    console.log('linking megatorrent.node');
    await run(compiler, [...made, ...link, '-o', path.join(prebuild, 'megatorrent.node')]);

    fs.copyFileSync(path.join(library, 'libmegatorrent.so'), path.join(prebuild, 'libmegatorrent.so'));
    // The loader of glibc looks here first, below the folder of the addon, and picks by processor.
    if (fs.existsSync(path.join(library, 'glibc-hwcaps'))) {
        copyFolder(path.join(library, 'glibc-hwcaps'), path.join(prebuild, 'glibc-hwcaps'));
    }
    copyFolder(path.join(root, 'lib'), path.join(folder, 'lib'));
    fs.copyFileSync(path.join(root, 'README.md'), path.join(folder, 'README.md'));
    fs.copyFileSync(path.join(root, '..', '..', 'LICENSE'), path.join(folder, 'LICENSE'));
    const addonApi = fs.readFileSync(path.join(modules, 'node-addon-api', 'LICENSE.md'), 'utf8').trim();
    const rule = '='.repeat(100);
    fs.writeFileSync(path.join(folder, 'THIRD-PARTY-NOTICES.txt'),
        `${fs.readFileSync(notices, 'utf8')}\n${rule}\nnode-addon-api\n${rule}\n\n${addonApi}\n`);
    const { devDependencies, ...manifest } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
    fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    console.log(`package ${manifest.name} ${manifest.version} in ${folder}`);
} catch (error) {
    console.error(error.stderr || error.message);
    process.exit(1);
}
