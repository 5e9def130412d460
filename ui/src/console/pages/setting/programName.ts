const BROWSERS: [RegExp, string][] = [
    [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
    [/\bOPR\//, 'Opera'],
    [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
    [/\b(?:Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
    [/\bSafari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Macintosh/, 'macOS'],
    [/CrOS/, 'ChromeOS'],
    [/Linux/, 'Linux'],
];

/** "Firefox, Linux": what a `User-Agent` says in short; as it stands where it is none of a browser's. */
export function programName(agent: string | null): string {
    if (!agent) return '';
    const known = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
    const browser = known(BROWSERS);
    return browser ? [browser, known(SYSTEMS)].filter(Boolean).join(', ') : agent;
}
