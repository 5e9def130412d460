import { defineConfig } from 'vite';

export default defineConfig({
    root: 'src/widget',
    base: '/widget/',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
        outDir: '../../dist/widget',
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: 'es2022',
    },
});
