import { svelte } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';

/** A desk that runs, for `vite --config vite.console.ts`: the development server passes everything else on to it. */
const DESK = process.env.MUSTER_DESK ?? 'http://127.0.0.1:8080';

export default defineConfig({
    root: 'src/console',
    plugins: [svelte(), tailwindcss()],
    build: {
        outDir: '../../dist/console',
        emptyOutDir: true,
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        target: 'es2022',
    },
    server: {
        proxy: {
            '^/(api|uploads|csat|widget|docs|demo|lang|logout)': { target: DESK, changeOrigin: true },
            '/ws': { target: DESK, ws: true, changeOrigin: true },
        },
    },
});
