const browsers: [RegExp, string][] = [
    [/Edg\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\//, 'Firefox'],
    [/Chrome\//, 'Chrome'],
    [/Safari\//, 'Safari'],
];
const systems: [RegExp, string][] = [
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS X/, 'macOS'],
    [/Linux/, 'Linux'],
];

/** "Firefox, Linux" of what a browser says of itself; otherwise the first word of it. */
export function browserName(agent: string | null): string {
    const of = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent ?? ''))?.[1];
    const browser = of(browsers);
    if (!browser) return agent?.split(/[\s/]/)[0] ?? '';
    const system = of(systems);
    return system ? `${browser}, ${system}` : browser;
}
