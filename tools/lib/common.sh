# shellcheck shell=bash
# Shared by the scripts in tools/: source it. Sets the working directory to the project's root.
set -euo pipefail

phyllo_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$phyllo_root"

# Compiled objects are kept between runs where ccache is installed; the precompiled headers need the first two.
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# as_root COMMAND...: runs it as root, through sudo where we are not root. Asks for a password on a terminal only.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    fail "'$1' needs root, and there is no sudo: run this script as root"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@" || fail "'$1' needs root: run this script with sudo"
  fi
}

# with_ccache COMPILER: the compiler's command, through ccache where that is installed.
with_ccache() {
  if command -v ccache >/dev/null; then printf 'ccache %s' "$1"; else printf '%s' "$1"; fi
}

# configure DIRECTORY clang|gcc [MESON-OPTION...]: sets the build directory up; one that was left half set up is started again. Eight files are
# compiled as one, which halves the time of a whole build. UNITY=off compiles each alone: better for who edits some of them again and again.
configure() {
  local directory=$1 family=$2
  shift 2
  local c=clang-19 cxx=clang++-19 linker=lld-19
  if [ "$family" = gcc ]; then c=gcc-12 cxx=g++-12 linker=bfd; fi
  [ -f "$directory/build.ninja" ] || rm -rf "$directory"
  mkdir -p build
  local log again=()
  log=build/configure-$(basename "$directory").log
  [ ! -d "$directory" ] || again=(--reconfigure)
  if ! CC=$(with_ccache $c) CXX=$(with_ccache $cxx) CC_LD=$linker CXX_LD=$linker \
    meson setup "$directory" ${again[@]+"${again[@]}"} --unity "${UNITY:-on}" --unity-size 8 "$@" >"$log" 2>&1 </dev/null; then
    tail -n 30 "$log" >&2
    fail "meson could not set $directory up; all it said is in $log"
  fi
}

# compile DIRECTORY [TARGET...]: builds with a running count on a terminal, with about ten lines elsewhere. Each directory has a cache of its
# own: clang's precompiled headers name the directory that they were made in, and are of no use where that is gone.
compile() {
  local directory=$1 terminal=0 log status=0
  shift
  log=build/compile-$(basename "$directory").log
  [ ! -t 1 ] || terminal=1
  CCACHE_NAMESPACE=$phyllo_root/$directory NINJA_STATUS='[%f/%t] ' ninja -C "$directory" "$@" 2>&1 </dev/null | tee "$log" | awk -v terminal=$terminal '
    match($1, /^\[([0-9]+)\/([0-9]+)\]$/) {
      split(substr($1, 2, length($1) - 2), n, "/")
      tenth = int(n[1] * 10 / n[2])
      if (terminal) printf "\r   built %d of %d", n[1], n[2]
      else if (tenth > shown) printf "   built %d of %d\n", n[1], n[2]
      shown = tenth
      fflush()
    }
    END { if (terminal && NR) printf "\n" }' || status=$?
  if [ "$status" -ne 0 ]; then
    grep -vE '^\[[0-9]+/[0-9]+\] |^ninja: Entering' "$log" | tail -n 60 >&2
    fail "the build in $directory failed; all of its output is in $log"
  fi
}

# no_warnings DIRECTORY: whether the last build of it went without a compiler's warning about our files; prints them otherwise.
#
# Where files are compiled together their paths are whole, and one's names stand above the other's: that a local name is the same as one of
# theirs is no fault.
no_warnings() {
  local log neighbours='shadows a (global declaration|(variable|type alias|function) in namespace)'
  local ours='^(/[^ ]*/build/[^/ ]+/)?\.\./\.\./(src|include|tests|tools|examples)/'
  log=build/compile-$(basename "$1").log
  ! grep -hE "${ours}[^ ]+:[0-9]+:[0-9]+: warning: " "$log" | grep -vE "$neighbours" | sort -u | head -n 20 | grep .
}
