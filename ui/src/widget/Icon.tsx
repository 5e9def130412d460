const PATHS = {
    attach: 'm20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 5 5l-8.5 8.5a1.7 1.7 0 0 1-2.5-2.5L14.5 8',
    back: 'm15 5-7 7 7 7',
    close: 'm6 6 12 12M18 6 6 18',
    send: 'M12 19V5m-6 6 6-6 6 6',
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
    return (
        <svg viewBox="0 0 24 24" aria-hidden="true" class={name}>
            <path d={PATHS[name]} />
        </svg>
    );
}

export function IconButton({
    name,
    label,
    onClick,
}: {
    name: keyof typeof PATHS;
    label: string;
    onClick?: () => void;
}) {
    return (
        <button class="icon" type={onClick ? 'button' : 'submit'} aria-label={label} title={label} onClick={onClick}>
            <Icon name={name} />
        </button>
    );
}
