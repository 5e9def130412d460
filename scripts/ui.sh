#!/usr/bin/env bash
# Checks console and widget.
#
#     scripts/ui.sh check     types, format, unit tests, and what a first visit loads
#     scripts/ui.sh e2e       in Chromium, against the debug program
#     scripts/ui.sh audit     by Lighthouse, in the release program or in that of MUSTER_BIN; RUNS of each page, else 5
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
audit)
    if [ -z "${MUSTER_BIN:-}" ]; then
        MUSTER_UI=required cargo build --release --bin muster
        MUSTER_BIN=${CARGO_TARGET_DIR:-target}/release/muster
    fi
    MUSTER_BIN=$(realpath "$MUSTER_BIN")
    cd ui/audit
    [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --ignore-scripts --no-audit --no-fund
    node lighthouse.mjs "$MUSTER_BIN" "${RUNS:-5}"
    ;;
*)
    echo "usage: $0 check|e2e|audit" >&2
    exit 2
    ;;
esac
