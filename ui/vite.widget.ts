import { defineConfig, type Plugin } from 'vite';

/** No chunk of the widget has styles or imports to be loaded ahead: a bare `import()` does. */
const barePreload: Plugin = {
    name: 'bare-preload',
    enforce: 'pre',
    load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
};

const narrowPage: Plugin = {
    name: 'narrow-page',
    transformIndexHtml: { order: 'post', handler: (page) => page.replace(/\n\s*| crossorigin| (?=\/>)/g, '') },
};

export default defineConfig({
    root: 'src/widget',
    base: '/widget/',
    plugins: [barePreload, narrowPage],
    oxc: {
        jsx: { runtime: 'classic', pragma: 'h', pragmaFrag: 'Fragment' },
        jsxInject: "import { h, Fragment } from 'preact';",
        assumptions: { setPublicClassFields: true },
        typescript: { removeClassFieldsWithoutInitializer: true },
    },
    build: {
        outDir: '../../dist/widget',
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: 'es2022',
        // The first that know `light-dark()` and colours made from others.
        cssTarget: ['chrome125', 'firefox128', 'safari18'],
    },
});
