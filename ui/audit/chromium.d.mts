export const EXECUTABLE: string;
export const FLAGS: string[];
