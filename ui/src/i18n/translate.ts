/** Texts by key, with values put into `{name}` places and a form for each plural category. */
export type Catalogue = Readonly<Record<string, string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>>>;

/**
 * The function that says a text of `catalogue` in `locale`. Of a text with plural forms the one for `count` is taken.
 * A key is one of the catalogue's: an unknown one does not compile.
 */
export function translator<C extends Catalogue>(catalogue: C, locale: string) {
    const plural = new Intl.PluralRules(locale);
    return (key: keyof C & string, values: Readonly<Record<string, string | number>> = {}): string => {
        const entry = catalogue[key] as Catalogue[string];
        const text =
            typeof entry === 'string' ? entry : (entry[plural.select(Number(values.count))] ?? entry.other ?? key);
        return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
    };
}
