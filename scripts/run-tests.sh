#!/usr/bin/env bash
# Runs every test of the workspace: with cargo-nextest where it is installed, else with cargo itself.
set -euo pipefail
cd "$(dirname "$0")/.."

# A changed snapshot fails its test and leaves no file behind; `make snap` accepts it.
export INSTA_UPDATE=no

if cargo nextest --version >/dev/null 2>&1; then
    exec cargo nextest run --workspace --no-fail-fast "$@"
fi
exec cargo test --workspace --lib --bins --tests --no-fail-fast "$@"
