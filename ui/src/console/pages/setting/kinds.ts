import type { Schemas } from '../../../api/client';
import type { Key } from '../../text';

interface Kind {
    word: string;
    name: string;
    /** What its clients call the name they sign in under. */
    account: Key;
    hasTeams: boolean;
    /** Whether its calls may be kept to one way of proving themselves. */
    hasProof: boolean;
}

export const kinds: readonly Kind[] = [
    { word: 'cloudagent', name: 'CloudAgent', account: 'integrations.userName', hasTeams: false, hasProof: true },
    { word: 'imichat', name: 'imi.chat', account: 'integrations.domain', hasTeams: true, hasProof: false },
];

export const kindOf = (word: string): Kind | undefined => kinds.find((kind) => kind.word === word);

export const proofs: Record<Schemas['Auth'], Key> = {
    either: 'integrations.either',
    key: 'integrations.byKey',
    token: 'integrations.byToken',
};
