const PATHS = {
    attach: 'M6 3h8l4 4v14H6zM12 11v6m-3-3h6',
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
