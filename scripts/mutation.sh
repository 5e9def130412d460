#!/usr/bin/env bash
# Proves that the race test sees what it is for: it passes on a copy of the last commit, and fails when a guard is taken
# out of the copy. The tree itself is never touched.
#
#     scripts/with-postgres.sh scripts/mutation.sh
set -euo pipefail
cd "$(dirname "$0")/.."

: "${MUSTER_TEST_POSTGRES_URL:?run this inside scripts/with-postgres.sh}"
readonly TEST=race::nobody_gets_too_much_and_nothing_is_given_twice::postgres
# How often a copy without its guard may pass before that counts.
readonly ROUNDS=3

# Apart from the tree's own: a program without its guard must never be taken for the real one.
export CARGO_TARGET_DIR=$PWD/target/mutation CARGO_PROFILE_DEV_DEBUG=0 MUSTER_UI=skip
scratch=$(mktemp -d "${TMPDIR:-/tmp}/muster-mutation-XXXXXX")
copy=$scratch/tree
git worktree add --quiet --detach "$copy" HEAD
trap 'git worktree remove --force "$copy"; rm -rf "$scratch"' EXIT

build() {
    (cd "$copy" && cargo test --quiet --package muster-server --test it --no-run)
}

race() {
    (cd "$copy" && cargo test --quiet --package muster-server --test it -- --exact "$TEST") >"$scratch/output" 2>&1
}

# Replaces a text that has to be there.
replace() {
    local file=$copy/$1 old=$2 new=$3
    grep --quiet --fixed-strings -- "$old" "$file" || { echo "$1 has no: $old" >&2; exit 1; }
    OLD=$old NEW=$new perl -0pi -e 's/\Q$ENV{OLD}\E/$ENV{NEW}/g' "$file"
}

must_pass() {
    build
    race || { cat "$scratch/output" >&2; echo "the race test fails with every guard in its place" >&2; exit 1; }
    echo "with every guard: passed"
}

must_fail() {
    build
    local round
    for round in $(seq "$ROUNDS"); do
        race && continue
        # Not because of anything else than what the race test asserts.
        grep --quiet 'panicked at .*tests/it/\(race\|books\)' "$scratch/output" || { cat "$scratch/output" >&2; exit 1; }
        echo "$1: failed in round $round, as it must"
        grep --after-context=1 'panicked at' "$scratch/output" | sed 's/^/    /'
        return
    done
    echo "$1: the race test does not see it" >&2
    exit 1
}

must_pass

replace crates/muster-store/src/conversations.rs 'WHERE id = $1 FOR UPDATE' 'WHERE id = $1'
must_fail "conversations are not locked"
git -C "$copy" checkout --quiet -- .

replace crates/muster-store/src/agents/state.rs ' FOR UPDATE' ''
replace crates/muster-store/src/agents/load.rs \
    'AND epoch = $2 AND load < $3' 'AND CAST($2 AS BIGINT) IS NOT NULL AND CAST($3 AS BIGINT) IS NOT NULL'
must_fail "agents are not guarded"
