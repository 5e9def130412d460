/** Whether one writes a reply or a note, and the editor on the screen, for shortcuts and the palette. */
class Composer {
    note = $state(false);
    #focus: () => void = () => {};

    attach(focus: () => void) {
        this.#focus = focus;
    }

    write(note: boolean) {
        this.note = note;
        this.#focus();
    }
}

export const composer = new Composer();
