mod failure;
mod hub;
mod jobs;
mod router;
mod tail;
mod timers;
mod wrap_up;
