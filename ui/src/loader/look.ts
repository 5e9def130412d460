/** A sheet of its own in a shadow root: no page's styles reach it, and no `style-src` forbids it. */
export const LOOK = `
:host { all: initial !important; position: fixed !important; z-index: 2147483000 !important }
[hidden] { display: none !important }
button, iframe { position: fixed; border: 0; padding: 0; margin: 0; inset-inline: auto; left: var(--left); right: var(--right) }
button {
    bottom: calc(var(--bottom) + env(safe-area-inset-bottom, 0px));
    width: 56px; height: 56px; border-radius: 50%; cursor: pointer; display: grid; place-items: center;
    background: var(--color);
    color: color(from var(--color) xyz clamp(0, (0.179 - y) * 999, 0.95) clamp(0, (0.179 - y) * 999, 1) clamp(0, (0.179 - y) * 999, 1.089)); box-shadow: 0 2px 6px #0003, 0 8px 24px #0003;
    transition: transform .15s
}
button:hover { transform: scale(1.05) }
button:focus-visible { outline: 3px solid #fff; box-shadow: 0 0 0 6px #000 }
svg { width: 28px; height: 28px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
img { width: 32px; height: 32px; object-fit: contain }
span {
    position: absolute; top: -4px; inset-inline-end: -4px; min-width: 22px; box-sizing: border-box; padding: 0 6px;
    border-radius: 11px; border: 2px solid #fff; background: #c81e1e; color: #fff; font: 700 12px/18px system-ui, sans-serif
}
iframe {
    bottom: calc(var(--bottom) + 72px); width: min(392px, calc(100vw - 2 * var(--side)));
    height: min(660px, calc(100vh - var(--bottom) - 88px)); border-radius: 16px; background: Canvas;
    box-shadow: 0 4px 12px #0002, 0 16px 48px #0003; transition: opacity .15s, transform .15s, visibility .15s
}
.closed { visibility: hidden; opacity: 0; transform: translateY(8px) }
@media (max-width: 480px), (max-height: 480px) {
    iframe { inset: 0; width: 100%; height: 100%; border-radius: 0 }
    [aria-expanded=true] { display: none }
}
@media (prefers-reduced-motion) { * { transition: none !important } }
@media print { :host { display: none !important } }
`;

export const FULL = '(max-width: 480px), (max-height: 480px)';
