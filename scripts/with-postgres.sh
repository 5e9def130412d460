#!/usr/bin/env bash
# Runs a command beside a scratch PostgreSQL cluster, and removes the cluster when the command has ended.
#
#     scripts/with-postgres.sh cargo test -p muster-store
#
# The command finds the cluster through MUSTER_TEST_POSTGRES_URL; where that is set already, the command is simply run.
# MUSTER_TEST_PG_FSYNC=off makes the cluster faster and loses its data if the machine crashes.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: $0 COMMAND [ARGUMENT]..." >&2
    exit 2
fi
if [ -n "${MUSTER_TEST_POSTGRES_URL:-}" ]; then
    exec "$@"
fi

here=$(cd "$(dirname "$0")" && pwd)
bin=$("$here/postgres-bin.sh") || { echo "PostgreSQL is not installed: run scripts/setup.sh test" >&2; exit 1; }
# Each test has a database of its own, of a thousand small files. In memory they come and go twice as fast, which is for
# a cluster that need not outlive the machine, and for machines with room for it.
room=${TMPDIR:-/tmp}
if [ "${MUSTER_TEST_PG_FSYNC:-on}" = off ] && [ "$(stat -c %a /dev/shm 2>/dev/null)" = 1777 ] &&
    [ "$(df --output=avail -k /dev/shm | tail -n 1)" -gt 4000000 ]; then
    room=/dev/shm
fi
scratch=$(mktemp -d "$room/muster-pg-XXXXXX")
data=$scratch/data

# PostgreSQL refuses to run as root.
as_user=()
if [ "$(id -u)" -eq 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    chown "$user" "$scratch"
    as_user=(runuser -u "$user" --)
fi

postgres() {
    (cd "$scratch" && "${as_user[@]}" "$bin/$1" "${@:2}")
}

stop() {
    [ ! -f "$data/postmaster.pid" ] || postgres pg_ctl -D "$data" -m immediate -w stop >/dev/null || true
    rm -rf "$scratch"
}
trap stop EXIT

postgres initdb -D "$data" -A trust -U postgres --no-sync -E UTF8 --locale=C >"$scratch/initdb.log" 2>&1 ||
    { cat "$scratch/initdb.log" >&2; exit 1; }

started=
for _ in 1 2 3 4 5; do
    port=$(shuf -i 20000-29999 -n 1)
    options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$scratch"
    options="$options -c max_connections=200 -c max_wal_size=256MB -c fsync=${MUSTER_TEST_PG_FSYNC:-on}"
    if postgres pg_ctl -D "$data" -l "$scratch/server.log" -o "$options" -w -s start 2>/dev/null; then
        started=yes
        break
    fi
done
[ -n "$started" ] || { cat "$scratch/server.log" >&2; exit 1; }

export MUSTER_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
"$@"
