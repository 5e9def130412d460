#!/usr/bin/env bash
# Makes a Debian machine that has Rust, Node.js 20.19+ and a C compiler ready for one of the Makefile's commands:
#
#     scripts/setup.sh demo|test|bench|browser
#
# As root it installs the Debian packages that are missing; as anybody else it prints the line that does and exits 1.
# Where nothing is missing it ends at once.
set -euo pipefail
cd "$(dirname "$0")/.."

has() { command -v "$1" >/dev/null 2>&1; }

packages=()

want_rust() {
    has cargo || { echo "Rust is missing. See https://rustup.rs, then run this again." >&2; exit 1; }
    has cc || packages+=(build-essential)
}

# The user interface's tools don't run on an older one.
has_node() {
    has npm && printf 'v20.19\n%s\n' "$(node --version 2>/dev/null)" | sort --version-sort --check=quiet
}

want_node() {
    has_node || { echo "Node.js 20.19 or later is missing. See https://nodejs.org, then run this again." >&2; exit 1; }
}

want_chromium() {
    [ -x /usr/bin/chromium ] || packages+=(chromium)
}

want_postgres() {
    [ "${MUSTER_TEST_SQLITE_ONLY:-}" = 1 ] || [ -n "${MUSTER_TEST_POSTGRES_URL:-}" ] ||
        scripts/postgres-bin.sh >/dev/null || packages+=(postgresql)
}

want_python() {
    python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
}

# What the tests of deploy/ start: nginx, and systemd's check of the unit.
want_deploy() {
    [ -x /usr/sbin/nginx ] || has nginx || packages+=(nginx-light)
    has systemd-analyze || packages+=(systemd)
    has curl || packages+=(curl)
    has openssl || packages+=(openssl)
}

install_packages() {
    [ ${#packages[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -eq 0 ] && has apt-get; then
        echo "Installing ${packages[*]} ..."
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
    else
        cat >&2 <<TEXT
Some Debian packages are missing. Paste this line, then run the command again:

    sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}

TEXT
        exit 1
    fi
}

install_python_tools() {
    if [ -x .venv/bin/schemathesis ] && cmp -s scripts/requirements.txt .venv/requirements.txt; then
        return
    fi
    echo "Installing Schemathesis, rocketchat-api and aiosmtpd into .venv ..."
    python3 -m venv --clear .venv
    .venv/bin/pip install --quiet --disable-pip-version-check --no-deps -r scripts/requirements.txt
    cp scripts/requirements.txt .venv/requirements.txt
}

case "${1:-}" in
demo)
    want_rust
    has_node || echo "Without Node.js 20.19 or later (https://nodejs.org) the demo has no console and no chat widget."
    install_packages
    ;;
test)
    want_rust
    want_node
    want_chromium
    want_postgres
    want_python
    want_deploy
    install_packages
    install_python_tools
    ;;
bench)
    want_rust
    want_postgres
    has wrk || packages+=(wrk)
    install_packages
    ;;
browser)
    want_rust
    want_node
    want_chromium
    install_packages
    ;;
*)
    echo "usage: $0 demo|test|bench|browser" >&2
    exit 2
    ;;
esac
