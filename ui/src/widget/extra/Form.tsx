import type { Chat } from '../chat';
import { say } from './texts';
import type { Field } from '../wire';

const INPUTS: Readonly<Record<string, string>> = { phone: 'tel', link: 'url', list: 'text' };

const AUTOCOMPLETE: Readonly<Record<string, 'name' | 'email' | 'tel'>> = { name: 'name', email: 'email', phone: 'tel' };

/** What is asked before the first message. Answers are kept as they are typed. */
export function Form({ chat }: { chat: Chat }) {
    const { title, fields } = chat.settings.prechat_form;
    const keep = ({ currentTarget: form }: { currentTarget: HTMLFormElement }): void =>
        chat.answer(
            Object.fromEntries(
                fields.map(({ key, type }) => {
                    const { value, checked } = form.elements.namedItem(key) as HTMLInputElement;
                    return [key, type === 'checkbox' ? checked : type === 'number' && value ? Number(value) : value];
                }),
            ),
        );
    return (
        <form id="ask" onInput={keep} onSubmit={(event) => event.preventDefault()}>
            {title && <h2 dir="auto">{title}</h2>}
            {fields.map((field) => (
                <label key={field.key} class={field.type} dir="auto">
                    <span>
                        {field.label}
                        {!field.required && ` ${say('optional')}`}
                    </span>
                    <Answer chat={chat} field={field} />
                </label>
            ))}
        </form>
    );
}

function Answer({ chat, field }: { chat: Chat; field: Field }) {
    const { key, type, required, placeholder } = field;
    const given = chat.answers()[key];
    const choices = chat.settings.custom_attributes[field.custom_attribute_id]?.values;
    if (choices?.[0]) {
        return (
            <select name={key} required={required}>
                {['', ...choices].map((choice) => (
                    <option key={choice} selected={choice === given}>
                        {choice}
                    </option>
                ))}
            </select>
        );
    }
    return (
        <input
            name={key}
            type={(INPUTS[key === 'phone' ? key : type] ?? type) as 'text'}
            required={required}
            placeholder={placeholder}
            autocomplete={AUTOCOMPLETE[key] ?? 'off'}
            step="any"
            defaultChecked={given === true}
            defaultValue={String(given || '')}
        />
    );
}
