import english from '../i18n/console.en.json';
import { translator } from '../i18n/translate';

export const locale = 'en';
export const t = translator(english, locale);
export type Key = keyof typeof english;

const numbers = new Intl.NumberFormat(locale);
export const number = (value: number): string => numbers.format(value);
