/** There a keyboard comes up with the focus, and its Enter is a new line. */
export const byTouch = (): boolean => matchMedia('(pointer: coarse)').matches;
