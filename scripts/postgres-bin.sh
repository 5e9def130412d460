#!/usr/bin/env bash
# Prints the directory of PostgreSQL's server programs: the newest of Debian's, else where `initdb` is on the path.
set -euo pipefail

newest=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
[ -n "$newest" ] || newest=$(command -v initdb)
dirname "$newest"
