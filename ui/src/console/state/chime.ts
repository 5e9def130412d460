let audio: AudioContext | undefined;

/** Two short notes, made here: no file to load. Browsers keep pages silent that nobody has touched yet. */
export function chime(): void {
    if (!navigator.userActivation.hasBeenActive) return;
    audio ??= new AudioContext();
    const start = audio.currentTime;
    for (const [index, pitch] of [660, 880].entries()) {
        const tone = audio.createOscillator();
        const volume = audio.createGain();
        const from = start + index * 0.12;
        tone.frequency.value = pitch;
        volume.gain.setValueAtTime(0, from);
        volume.gain.linearRampToValueAtTime(0.12, from + 0.015);
        volume.gain.exponentialRampToValueAtTime(0.001, from + 0.3);
        tone.connect(volume).connect(audio.destination);
        tone.start(from);
        tone.stop(from + 0.32);
    }
}
