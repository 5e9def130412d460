import { defineConfig } from 'vite';

/** The one line that a host page includes: a classic script, whole in itself. */
export default defineConfig({
    build: {
        outDir: 'dist/loader',
        emptyOutDir: true,
        target: 'es2020',
        rollupOptions: {
            input: 'src/loader/loader.ts',
            output: { format: 'iife', entryFileNames: 'widget.js' },
        },
    },
});
