//! What the dialects share about HTTP.
