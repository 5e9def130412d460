# Sourced by the scripts that run the real program on a desk of its own: begin, start, stop. Whatever happens, the
# server is stopped, by its id, and the desk removed.
#
#     MUSTER=path/to/muster   runs this program; else a debug build is made
#
# The first administrator is ada@example.org, with the password Correct-horse-7.

# NAME: builds the program, and makes $scratch, which goes with the script.
begin() {
    if [ -z "${MUSTER:-}" ]; then
        cargo build --quiet --bin muster
        MUSTER=${CARGO_TARGET_DIR:-target}/debug/muster
    fi
    scratch=$(mktemp -d "${TMPDIR:-/tmp}/muster-$1-XXXXXX")
    server=
    trap end EXIT
    export MUSTER_ADMIN_EMAIL=ada@example.org MUSTER_ADMIN_PASSWORD=Correct-horse-7
}

# DATA [OPTION]...: serves the desk of this data directory on a free port of loopback, at $url.
start() {
    local data=$1 out=$scratch/server.out
    : >"$out"
    "$MUSTER" serve --data "$data" --listen 127.0.0.1:0 "${@:2}" >"$out" 2>"$scratch/server.log" &
    server=$!
    for _ in $(seq 600); do
        url=$(sed -n 's/^listening on //p' "$out")
        [ -z "$url" ] || return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$out" "$scratch/server.log" >&2
    exit 1
}

stop() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    wait
    server=
}

end() {
    stop
    rm -rf "$scratch"
}
