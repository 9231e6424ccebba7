# shellcheck shell=bash
# To be sourced: puts the tools that scripts/setup has fetched first in PATH and chooses the Rust toolchain, so that
# make, the tests and a developer's shell use the same ones.  . scripts/env.sh

posthorn_tools=${XDG_CACHE_HOME:-$HOME/.cache}/posthorn/tools
posthorn_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export CARGO_LEPTOS_VERSION=0.3.10
export BINARYEN_VERSION=132
export CARGO_DENY_VERSION=0.20.2
# wasm-bindgen's two halves must match to the digit, and nobody checks it: Cargo.toml is the one place.
WASM_BINDGEN_VERSION=$(sed -n 's/^wasm-bindgen *= *.*"=\([0-9.]*\)".*/\1/p' "$posthorn_root/Cargo.toml" 2>/dev/null | head -n 1 || true)
export WASM_BINDGEN_VERSION=${WASM_BINDGEN_VERSION:-0.2.130}

for posthorn_dir in "cargo-leptos-$CARGO_LEPTOS_VERSION/bin" "wasm-bindgen-cli-$WASM_BINDGEN_VERSION/bin" \
  "binaryen-$BINARYEN_VERSION/node_modules/.bin" "cargo-deny-$CARGO_DENY_VERSION/bin"; do
  posthorn_dir=$posthorn_tools/$posthorn_dir
  if [[ -d $posthorn_dir && :$PATH: != *":$posthorn_dir:"* ]]; then PATH=$posthorn_dir:$PATH; fi
done
# Rust that was installed for the user but whose directory is not in PATH (a shell opened before).
if ! command -v cargo >/dev/null && [[ -x $HOME/.cargo/bin/cargo ]]; then PATH=$HOME/.cargo/bin:$PATH; fi
export PATH

# rust-toolchain.toml names a version. Where the default toolchain is that very version, no second copy is needed.
if [[ -z ${RUSTUP_TOOLCHAIN:-} ]] && command -v rustup >/dev/null; then
  posthorn_rust=$(sed -n 's/^channel *= *"\(.*\)"/\1/p' "$posthorn_root/rust-toolchain.toml" 2>/dev/null || true)
  posthorn_toolchains=${RUSTUP_HOME:-$HOME/.rustup}/toolchains
  if [[ -n $posthorn_rust ]] && ! compgen -G "$posthorn_toolchains/$posthorn_rust-*" >/dev/null; then
    posthorn_default=$(cd / && rustup default 2>/dev/null | cut -d' ' -f1)
    if [[ -n $posthorn_default && $("$posthorn_toolchains/$posthorn_default/bin/rustc" --version 2>/dev/null) = "rustc $posthorn_rust "* ]]; then
      export RUSTUP_TOOLCHAIN=$posthorn_default
    fi
  fi
fi
unset posthorn_dir posthorn_rust posthorn_toolchains posthorn_default
