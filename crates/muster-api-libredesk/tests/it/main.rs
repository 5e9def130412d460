//! The dialect over real HTTP against a whole desk: statuses, the headers that matter, and exact bodies.

#![expect(clippy::unwrap_used, reason = "a test that can't go on panics")]

mod support;

mod account;
mod activity;
mod address_book;
mod agent_extension;
mod agent_socket;
mod agents;
mod auth;
mod authority;
mod business_hours;
mod configuration;
mod contacts;
mod conversation_work;
mod conversations;
mod coverage;
mod csat;
mod custom_attributes;
mod drafts;
mod entry;
mod health;
mod identity;
mod imports;
mod inboxes;
mod integrations;
mod interleaving;
mod jobs;
mod keys;
mod lists;
mod macros;
mod malformed;
mod mask;
mod me;
mod media;
mod messages;
mod notifications;
mod openapi;
mod passwords;
mod permissions;
mod resume;
mod roles;
mod search;
mod seeds;
mod settings;
mod setup;
mod skills;
mod sockets;
mod tags;
mod teams;
mod templates;
mod views;
mod widget;
mod widget_socket;
mod world;
