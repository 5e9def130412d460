#!/usr/bin/env bash
# Checks console and widget.
#
#     scripts/ui.sh check     types, format, unit tests, and what a first visit loads
#     scripts/ui.sh e2e       in Chromium, against the debug program
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1:-}" in
check)
    cd ui
    [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund
    npm run --silent check
    npm test --silent
    (cd .. && MUSTER_UI=required cargo build --quiet --package muster-ui)
    npm run --silent sizes
    ;;
e2e)
    MUSTER_UI=required cargo build --bin muster
    MUSTER_BIN=$(realpath "${CARGO_TARGET_DIR:-target}/debug/muster")
    export MUSTER_BIN
    cd ui
    npm run --silent e2e
    ;;
*)
    echo "usage: $0 check|e2e" >&2
    exit 2
    ;;
esac
