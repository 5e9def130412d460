export { default as FirstColleagues } from './FirstColleagues.svelte';
export { default as FirstInbox } from './FirstInbox.svelte';
