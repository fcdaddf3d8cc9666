#!/bin/sh
# Landsea's two commands, with all the set-up they need on a machine that has only Rust:
#
#   ./landsea.sh demo [options]    build, start fifteen validators on this machine, play the double-pledge story
#   ./landsea.sh test              build, run every test, then play the demo once and check every answer
#
# Also: ./landsea.sh build, ./landsea.sh lint, ./landsea.sh run ARGS (the `landsea` command itself),
# ./landsea.sh simulate ARGS (docs/simulator.md), ./landsea.sh fuzz ARGS (docs/fuzzing.md),
# ./landsea.sh micro ARGS (docs/performance.md), ./landsea.sh clients (tests of the Python and TypeScript clients and
# of the console in Chromium, each against a network of its own; npm and pip fetch what they need).
# Build output goes to $CARGO_TARGET_DIR, by default ~/.cache/landsea/target, so that a fresh clone builds fast.
set -eu
cd "$(dirname "$0")"

CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$HOME/.cache/landsea/target}"
export CARGO_TARGET_DIR
PATH="$HOME/.cargo/bin:$PATH"
export PATH

# Signature checks in AVX-512 where the processor has it, found out at run time; a sixth faster. The variable is how cargo hands
# `--cfg curve25519_dalek_backend="avx512"` to that one crate; as a flag for all crates it would have RocksDB built twice by whoever also
# calls cargo alone. What was built without stays valid, and slower.
case "$(uname -m)" in x86_64) export CARGO_CFG_CURVE25519_DALEK_BACKEND=avx512 ;; esac

say() { printf '%s\n' "$*" >&2; }

# Whether the first file of a pattern is there.
exists() { [ -e "$1" ]; }

# The library, and the compiler headers that belong to it.
have_libclang() {
    [ -z "${LIBCLANG_PATH:-}" ] || return 0
    exists /usr/lib/llvm-*/lib/clang/*/include/stddef.h || exists /usr/lib/clang/*/include/stddef.h || return 1
    for f in /usr/lib/llvm-*/lib/libclang*.so* /usr/lib/*/libclang*.so* /usr/lib/libclang*.so* /usr/lib64/libclang*.so*; do
        case "$f" in *libclang-cpp*) continue ;; esac
        [ -e "$f" ] && return 0
    done
    return 1
}

# Installs Debian packages, if there are any in $1.
install() {
    missing="$1"
    [ -z "$missing" ] && return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        say "landsea: install these with your package manager, then run this again:$missing"; exit 4
    fi
    as_root=""
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null 2>&1 || { say "landsea: as root, run: apt-get install -y$missing"; exit 4; }
        as_root="sudo"
    fi
    say "landsea: installing$missing"
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq $missing >/dev/null
}

# RocksDB is C++ and its bindings need libclang; neither comes with Rust.
set_up() {
    command -v cargo >/dev/null 2>&1 || { say "landsea: cargo is not on the PATH; install Rust 1.95 or newer, then run this again"; exit 4; }
    needed=""
    command -v cc >/dev/null 2>&1 || needed="$needed gcc"
    command -v c++ >/dev/null 2>&1 || needed="$needed g++"
    command -v make >/dev/null 2>&1 || needed="$needed make"
    have_libclang || needed="$needed libclang-dev"
    install "$needed"
}

# What only the clients and the console need.
set_up_clients() {
    needed=""
    command -v npm >/dev/null 2>&1 || needed="$needed nodejs npm"
    [ -x "${CHROMIUM:-/usr/bin/chromium}" ] || needed="$needed chromium"
    python3 -c 'import ensurepip, venv' 2>/dev/null || needed="$needed python3-venv"
    install "$needed"
}

# Cargo tells clones that share a build folder apart by file times only, and could run what another clone was built from. When another
# clone built last, this one's sources count as changed; dependencies stay built.
claim_build_folder() {
    stamp="$CARGO_TARGET_DIR/landsea-clone"
    [ "$(cat "$stamp" 2>/dev/null || true)" = "$PWD" ] && return 0
    mkdir -p "$CARGO_TARGET_DIR"
    find . -name '*.rs' -not -path './target/*' -exec touch {} +
    printf '%s\n' "$PWD" > "$stamp"
}

# Every command builds the same selection, so that features agree and RocksDB is compiled once.
build() {
    set_up
    claim_build_folder
    if [ ! -x "$CARGO_TARGET_DIR/debug/landsea" ]; then
        say "landsea: first build; RocksDB alone takes some ten minutes on two cores"
    fi
    cargo build --workspace --lib --bins --tests --locked
}

command="${1:-help}"
[ $# -gt 0 ] && shift
case "$command" in
    demo)
        build
        exec "$CARGO_TARGET_DIR/debug/landsea" testnet up --demo "$@"
        ;;
    test)
        build
        cargo test --workspace --lib --bins --tests --locked "$@"
        dir="$(mktemp -d)"
        trap 'rm -rf "$dir"' EXIT INT TERM
        "$CARGO_TARGET_DIR/debug/landsea" testnet up --demo --once --dir "$dir/network"
        ;;
    build) build ;;
    run)
        build
        exec "$CARGO_TARGET_DIR/debug/landsea" "$@"
        ;;
    simulate | fuzz | micro)
        build
        exec "$CARGO_TARGET_DIR/debug/$command" "$@"
        ;;
    clients)
        set_up_clients
        build
        export LANDSEA_BIN="$CARGO_TARGET_DIR/debug/landsea"
        environment="$CARGO_TARGET_DIR/python-client"
        python3 -m venv "$environment"
        "$environment/bin/pip" install --quiet --editable 'clients/python[dev]'
        (cd clients/python && "$environment/bin/ruff" check && "$environment/bin/mypy" && "$environment/bin/pytest" -q)
        (cd clients/typescript && npm ci --silent && npm test && npm run test:live)
        (cd console && npm ci --silent && npm run check && npm test)
        ;;
    lint)
        set_up
        cargo fmt --all --check
        cargo clippy --workspace --lib --bins --tests --locked -- -D warnings
        ;;
    *)
        sed -n '2,11p' "$0" | sed 's/^# \{0,1\}//'
        [ "$command" = help ] || exit 2
        ;;
esac
