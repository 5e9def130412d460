import type { Schemas } from '../../../api/client';

type Config = Schemas['ChatConfig'];
interface Colored {
    colors: Config['colors'];
    launcher: Pick<Config['launcher'], 'color'>;
    home_screen: { background: Pick<Config['home_screen']['background'], 'color'>; header_text_color: string };
}

/** The widget's own colour, where an inbox has none. */
const NONE = '#2563eb';

/** What a colour of 3, 4, 6 or 8 digits looks like on white, in six digits. */
export function opaque(color: string): string {
    const digits = color.length < 6 ? color.replace(/[\da-f]/gi, '$&$&') : color;
    if (!/^#([\da-f]{6}|[\da-f]{8})$/i.test(digits)) return NONE;
    const part = (at: number) => parseInt(digits.slice(at, at + 2), 16);
    const cover = digits.length === 9 ? part(7) / 255 : 1;
    const mixed = [1, 3, 5].map((at) => Math.floor(part(at) * cover + 255 * (1 - cover)));
    return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(color: string): number {
    const digits = opaque(color);
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
        const part = parseInt(digits.slice(at, at + 2), 16) / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** White or nearly black, whichever is read more easily on `color`. */
export const inkOn = (color: string): string => (luminance(color) > 0.179 ? '#16181d' : '#ffffff');

/** The parts of a widget's look that one brand colour decides. */
export const branded = (color: string): Colored => ({
    colors: { primary: color },
    launcher: { color },
    home_screen: { background: { color }, header_text_color: inkOn(color) },
});

/** Whether one colour decides them now. */
export function isBranded({ colors, launcher, home_screen: { background } }: Config): boolean {
    return [launcher.color, background.color].every((color) => color === colors.primary) && background.type === 'solid';
}
