import english from '../i18n/widget.en.json';
import { translator } from '../i18n/translate';

export const say = translator(english, 'en');

/** For dates: the visitor's own kind of the language that the texts are in. */
export const LOCALE = navigator.languages.find((language) => language.startsWith('en')) ?? 'en';

const RIGHT_TO_LEFT = /^(ar|ckb|dv|fa|he|ps|sd|ug|ur|yi)\b/;

export const direction = (language: string): 'ltr' | 'rtl' => (RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr');
