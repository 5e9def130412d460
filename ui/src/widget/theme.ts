const PLAIN = '#2563eb';

/** The first of these that is a colour. */
export const pick = (...colors: (string | null)[]): string =>
    colors.find((color) => color && CSS.supports('color', color)) ?? PLAIN;
