// Puts a gzip copy beside each text file of a directory, as the server hands them out.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [root] = process.argv.slice(2);
const isText = /\.(html|js|css|svg|json|txt)$/;
for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && isText.test(entry.name)) {
        const path = join(entry.parentPath, entry.name);
        writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
    }
}
