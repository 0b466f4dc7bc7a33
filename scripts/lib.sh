# shellcheck shell=bash
# What the scripts share. Sourced, never run: each script starts with
#   source "$(dirname "$0")/lib.sh"
# and stands in the root of the repository from there on.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# Installs the packages of these groups that are missing; see scripts/install.
need() { "$root/scripts/install" "$@"; }

# How many compilers at once: one a core, and no more than memory holds (a file with Boost.Asio
# takes 1.5 GB).
at_once() {
  local cores memory
  cores=$(nproc)
  memory=$(awk '/^MemAvailable:/ {print int($2 / 1500000)}' /proc/meminfo)
  ((memory < 1)) && memory=1
  echo $((cores < memory ? cores : memory))
}

# configure PRESET: quiet unless it fails.
configure() {
  local log=build/configure-$1.log
  mkdir -p build
  if ! cmake --preset "$1" >"$log" 2>&1; then
    cat "$log" >&2
    die "could not configure build/$1"
  fi
}

# build PRESET [target...]: configures and builds, with one calm line of progress.
build() {
  local preset=$1
  shift
  configure "$preset"
  say "building build/$preset"
  NINJA_STATUS="  %f of %t  " cmake --build "build/$preset" -j "$(at_once)" ${1:+--target "$@"} ||
    die "build/$preset does not build"
}

# The names of the fuzz programs, MODULE_STEM_fuzz, from the sources.
fuzz_programs() {
  local source
  find src -name '*_fuzz.cpp' | sort | while read -r source; do
    source=${source#src/}
    echo "${source%%/*}_$(basename "$source" .cpp)"
  done
}

# Every C++ file of ours.
sources() {
  local folders=()
  for folder in src tests bench; do [[ -d $folder ]] && folders+=("$folder"); done
  find "${folders[@]}" -name '*.h' -o -name '*.cpp' | sort
}
