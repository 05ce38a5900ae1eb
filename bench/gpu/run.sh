#!/bin/sh
# On a borrowed Linux x64 machine with a GPU, nothing installed and no network: unpacks what `deno task pack` wrote and
# measures everything within 8 minutes. What is found is in the folder at once, so that a cut run loses nothing.
#
#   bench/gpu/run.sh PACK FOLDER [options of bench:gpu]
#
# CUDA_FROM may name a wheel of onnxruntime-gpu, or a Python's site-packages that has it, for the CUDA provider.
set -eu
pack=$1
out=$2
shift 2
there=$(mktemp -d)
trap 'rm -rf "$there"' EXIT
mkdir -p "$out"
tar xf "$pack" -C "$there"
# without it CUDA is a row that says what it lacks
if [ -n "${CUDA_FROM:-}" ]; then "$there/armature/armature" cuda --from "$CUDA_FROM" || true; fi
"$there/armature/armature" doctor --seconds 2 --json > "$out/doctor.jsonl" || true
"$there/armature/armature" bench:gpu --minutes 7 --out "$out/gpu.jsonl" --markdown "$out/gpu.md" "$@"
