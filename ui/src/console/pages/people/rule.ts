import type { Schemas } from '../../../api/client';

export type Attribute = Schemas['CustomAttribute'];
export type Op = Schemas['OpWord'];
type Condition = Schemas['Condition'];

/** A test as it is typed: lists are split at commas. */
export interface TypedTest {
    attribute: string;
    op: Op;
    value: string;
}

/** A rule of one level, which is all that the form can show. */
export interface FlatRule {
    mode: 'all' | 'any';
    tests: TypedTest[];
}

const typed = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(', ') : String(value));

const words = (text: string): string[] =>
    text
        .split(',')
        .map((word) => word.trim())
        .filter(Boolean);

/** Whether a list is the same after it was typed: a comma in one of its values would make two of it. */
const survives = (value: unknown): boolean =>
    !Array.isArray(value) || words(typed(value)).join('\n') === value.map(String).join('\n');

function test(condition: Condition): TypedTest | null {
    if (!('test' in condition)) return null;
    const { attribute, op, value } = condition.test;
    if (!survives(value)) return null;
    return { attribute, op, value: typed(value) };
}

/** Null: the rule has more levels than one, or values that can't be typed. */
export function flat(rule: Condition): FlatRule | null {
    const mode = 'any' in rule ? 'any' : 'all';
    const parts = 'any' in rule ? rule.any : 'all' in rule ? rule.all : [rule];
    const tests = parts.map(test).filter((one) => one !== null);
    return tests.length === parts.length ? { mode, tests } : null;
}

export function opsOf(attribute: Attribute | undefined): Op[] {
    switch (attribute?.data_type) {
        case 'multi':
            return ['contains'];
        case 'checkbox':
            return ['eq'];
        case 'number':
        case 'date':
            return ['eq', 'in', 'gt', 'lt'];
        default:
            return ['eq', 'in', 'contains'];
    }
}

function scalar(attribute: Attribute | undefined, text: string): string | number | boolean {
    if (attribute?.data_type === 'number') return Number(text);
    if (attribute?.data_type === 'checkbox') return text === 'true';
    return text;
}

/** The rule that was typed, as the desk takes it. */
export function condition({ mode, tests }: FlatRule, attributes: readonly Attribute[]): Condition {
    const parts = tests.map(({ attribute: key, op, value }): Condition => {
        const attribute = attributes.find((one) => one.key === key);
        const wanted =
            op === 'in' ? words(value).map((word) => scalar(attribute, word)) : scalar(attribute, value.trim());
        return { test: { attribute: key, op, value: wanted } };
    });
    if (parts.length === 1 && parts[0]) return parts[0];
    return mode === 'all' ? { all: parts } : { any: parts };
}
