#!/usr/bin/env bash
# Runs black-box clients against the real program: one that drives a client library of Rocket.Chat from PyPI, and one
# each for CloudAgent and imi.chat, written from those products' documentation alone.
#
#     scripts/clients.sh                                on SQLite; builds the program first
#     MUSTER=path/to/muster scripts/clients.sh          runs this one
#     scripts/with-postgres.sh scripts/clients.sh       on SQLite, then on PostgreSQL
#
# Each desk is served twice: first without CloudAgent's and Rocket.Chat's limits, so that every call can be made; then
# with all limits, after the tokens of the first time were made an hour older in the database.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/desk.sh

python=$PWD/.venv/bin/python
export PYTHONDONTWRITEBYTECODE=1
"$python" -c 'import rocketchat_API' || { echo "rocketchat-api is missing: run scripts/setup.sh test" >&2; exit 1; }
begin clients
failed=

# [limits]: runs every client, also after one has failed.
drive() {
    local client
    for client in rocketchat cloudagent imichat; do
        "$python" "scripts/clients/$client.py" "$desk" "$url" "$@" || failed=yes
    done
}

# FILE OPTION...: makes an integration and keeps what is printed.
integrate() {
    "$MUSTER" integration create --json "${place[@]}" "${@:2}" >"$desk/$1.json"
}

# Gives the desk what the clients write about, and them their credentials.
prepare() {
    "$MUSTER" api-key create --json "${place[@]}" --agent "$MUSTER_ADMIN_EMAIL" >"$desk/admin.json"
    "$python" scripts/clients/prepare.py "$desk" "$url"
    integrate cloudagent --kind cloudagent --name Acme
    integrate cloudagent-other --kind cloudagent --name Other
    integrate cloudagent-key --kind cloudagent --name "Key only" --auth key
    integrate cloudagent-token --kind cloudagent --name "Token only" --auth token
    integrate imichat --kind imichat --name Whole
    integrate imichat-support --kind imichat --name Support --team Support
    integrate imichat-metered --kind imichat --name Metered
}

# Makes every token an hour older.
age_tokens() {
    local update='UPDATE integration_tokens SET expires_at = expires_at - 3600000'
    if [ -n "$database" ]; then
        "$psql" -q "$database" -c "$update"
    else
        "$python" -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2])' \
            "$desk/data/muster.db" "$update"
    fi
}

# NAME [URL]: both runs on one engine; the URL is that of an empty PostgreSQL database.
play() {
    desk=$scratch/$1 database=${2:-}
    place=(--data "$desk/data")
    [ -z "$database" ] || place+=(--database "$database")
    mkdir "$desk"
    echo "Clients on $1"
    MUSTER_CLOUDAGENT__RATE_LIMITS=false MUSTER_ROCKETCHAT__RATE_LIMITS=false start "${place[@]:1}"
    prepare
    drive
    stop
    age_tokens
    MUSTER_IMICHAT__DAILY_LIMIT=5 start "${place[@]:1}"
    drive limits
    stop
}

export MUSTER_CLOUDAGENT__SIP_LOCATIONS=Mumbai,Pune
play SQLite
if [ -n "${MUSTER_TEST_POSTGRES_URL:-}" ]; then
    bin=$(scripts/postgres-bin.sh 2>/dev/null) && psql=$bin/psql || psql=psql
    name=muster_clients_$$
    "$psql" -q "$MUSTER_TEST_POSTGRES_URL" -c "CREATE DATABASE $name"
    trap 'end; "$psql" -q "$MUSTER_TEST_POSTGRES_URL" -c "DROP DATABASE $name"' EXIT
    play PostgreSQL "${MUSTER_TEST_POSTGRES_URL%/*}/$name"
fi
[ -z "$failed" ]
