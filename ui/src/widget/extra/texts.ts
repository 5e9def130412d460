import english from '../../i18n/widget.extra.en.json';
import { translator } from '../../i18n/translate';

export const say = translator(english, 'en');
