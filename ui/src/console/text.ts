import english from '../i18n/console.en.json';
import { translator } from '../i18n/translate';

export const locale = 'en';
export const t = translator(english, locale);
export type Key = keyof typeof english;
