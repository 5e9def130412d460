import { Component, createRef } from 'preact';
import type { Chat } from './chat';
import { IconButton } from './Icon';
import { say } from './texts';

const LONGEST = 10_000;

interface Props {
    chat: Chat;
    place: string | null;
    takenBack: number;
}

export class Composer extends Component<Props, { excess: number }> {
    override state = { excess: 0 };
    private readonly area = createRef<HTMLTextAreaElement>();
    private readonly picker = createRef<HTMLInputElement>();

    override componentDidMount(): void {
        this.fill();
    }

    override componentDidUpdate(was: Props): void {
        const { place, takenBack } = this.props;
        if (takenBack !== was.takenBack) this.area.current?.focus();
        if (place !== was.place || takenBack !== was.takenBack) this.fill();
    }

    private fill(): void {
        const area = this.area.current;
        if (!area) return;
        area.value = this.props.chat.draft();
        this.fit(area);
    }

    /** As high as the text, within what the styles allow. */
    private fit(area: HTMLTextAreaElement): void {
        area.style.height = '';
        area.style.height = `${area.scrollHeight}px`;
        const excess = Math.max(0, [...area.value].length - LONGEST);
        if (excess !== this.state.excess) this.setState({ excess });
    }

    private readonly send = (event: Event): void => {
        event.preventDefault();
        const area = this.area.current;
        const form = document.querySelector<HTMLFormElement>('#ask');
        const text = area?.value.trim();
        if (!text || this.state.excess || form?.reportValidity() === false) return;
        this.props.chat.send(text);
        this.fill();
        area?.focus();
    };

    private readonly onKey = (event: KeyboardEvent): void => {
        const isPlain = event.key === 'Enter' && !event.shiftKey && !event.isComposing;
        if (isPlain && !matchMedia('(pointer: coarse)').matches) this.send(event);
    };

    override render({ chat }: Props, { excess }: { excess: number }) {
        const files = chat.takesFiles;
        return (
            <form class="composer" onSubmit={this.send}>
                {files && (
                    <>
                        <input
                            ref={this.picker}
                            type="file"
                            multiple
                            hidden
                            onChange={({ currentTarget: picker }) => {
                                chat.sendFiles(picker.files ?? []);
                                picker.value = '';
                            }}
                        />
                        <IconButton name="attach" label={say('attach')} onClick={() => this.picker.current?.click()} />
                    </>
                )}
                <textarea
                    ref={this.area}
                    rows={1}
                    dir="auto"
                    data-first
                    aria-label={say('message')}
                    placeholder={say('message')}
                    aria-invalid={excess > 0}
                    aria-describedby="excess"
                    onInput={({ currentTarget: area }) => {
                        chat.write(area.value);
                        this.fit(area);
                    }}
                    onKeyDown={this.onKey}
                    onPaste={(event) => {
                        const pasted = event.clipboardData?.files;
                        if (!files || !pasted?.length) return;
                        event.preventDefault();
                        chat.sendFiles(pasted);
                    }}
                />
                <IconButton name="send" label={say('send')} />
                <p id="excess" role="status">
                    {excess > 0 && say('tooLong', { count: excess })}
                </p>
            </form>
        );
    }
}
