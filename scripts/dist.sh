#!/usr/bin/env bash
# Makes the archive that is handed out, muster-<version>-<target>.tar.gz, and SHA256SUMS beside it.
#
#     scripts/dist.sh             builds the program with the profile "dist" first
#     scripts/dist.sh PROGRAM     packs this one
#
# They go to dist/, or to where MUSTER_DIST says. The same sources and program give the same archive.
set -euo pipefail
program=${1:+$(realpath "$1")}
cd "$(dirname "$0")/.."

if [ -z "$program" ]; then
    export MUSTER_UI=required
    cargo build --locked --profile dist --bin muster
    program=${CARGO_TARGET_DIR:-target}/dist/muster
fi
out=${MUSTER_DIST:-dist}

version=$("$program" --version | awk '{ print $2 }')
target=$(rustc -vV | sed -n 's/^host: //p')
name=muster-$version-$target
scratch=$(mktemp -d "${TMPDIR:-/tmp}/muster-dist-XXXXXX")
trap 'rm -rf "$scratch"' EXIT

# The places are those of the repository, so that links and commands in the documents hold.
place=$scratch/$name
mkdir -p "$place" "$out"
install -m 755 "$program" "$place/muster"
cp -r ./*.md LICENSE-APACHE LICENSE-MIT deploy docs "$place"
rm "$place/deploy/Dockerfile"
chmod -R u=rwX,go=rX "$place"

time=$(git log -1 --format=%ct 2>/dev/null || echo 0)
tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-$time}" \
    --directory "$scratch" "$name" | gzip --no-name >"$out/$name.tar.gz"
(cd "$out" && sha256sum "$name.tar.gz" >SHA256SUMS)
echo "$out/$name.tar.gz"
