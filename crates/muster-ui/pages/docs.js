(() => {
    const links = [...document.querySelectorAll('nav a')];
    const wanted = new URLSearchParams(location.search).get('api');
    const current = links.find((link) => link.dataset.api === wanted) ?? links[0];
    current.setAttribute('aria-current', 'page');
    document.title = `${current.textContent} API – Muster`;

    const dark = matchMedia('(prefers-color-scheme: dark)');
    const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
    dark.addEventListener('change', paint);
    paint();

    /** Whoever is signed in may try what changes something, too. */
    const withProof = (request) => {
        const proof = document.cookie.match(/(?:^|; )csrf_token=([^;]*)/);
        if (proof && new URL(request.url, location.href).origin === location.origin) {
            request.headers['X-CSRFTOKEN'] = decodeURIComponent(proof[1]);
        }
        return request;
    };
    window.SwaggerUIBundle({
        url: `/docs/${current.dataset.api}.json`,
        dom_id: '#document',
        deepLinking: true,
        docExpansion: 'none',
        defaultModelsExpandDepth: -1,
        displayRequestDuration: true,
        filter: true,
        validatorUrl: null,
        requestInterceptor: withProof,
    });
})();
