// Puts the reader of the API's documents where the server embeds it from.
import { cpSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const [root] = process.argv.slice(2);
const reader = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const to = join(root, 'docs');
mkdirSync(to, { recursive: true });
for (const name of ['swagger-ui.css', 'swagger-ui-bundle.js', 'swagger-ui-bundle.js.LICENSE.txt']) {
    cpSync(join(reader, name), join(to, name));
}
cpSync(join(reader, 'LICENSE'), join(to, 'LICENSE.txt'));
