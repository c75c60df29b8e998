#!/usr/bin/env bash
# Usage: tests/fuzz/run.sh [NAME]...
# Runs the fuzz tests named, or all, for FUZZ_SECONDS (60) each, one per processor at a time.
# What they find goes to a corpus below build/fuzz; with MINIMIZE=yes, what of it reaches
# code that nothing else does also goes to tests/fuzz/corpus, which is written anew. An
# input that fails is kept below build/fuzz/failed.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=../../deploy/local/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../../deploy/local/lib.sh"
cd "$ROOT_DIR"

: "${FUZZ_SECONDS:=60}"
export FUZZ_SECONDS MINIMIZE=${MINIMIZE:-no}
CORPUS=tests/fuzz/corpus
# Longer inputs than any parser's limits need, shorter than what fills the time with copying.
export FUZZ_INPUT_BYTES_MAX=2048 FUZZ_MEMORY_MIB_MAX=1024 FUZZ_INPUT_SECONDS_MAX=5

# fuzz NAME: its log ends with the last line of its statistics.
fuzz() {
    local name=$1 found=build/fuzz/corpus/$1 log=build/fuzz/$1.log
    mkdir -p "$found" "build/fuzz/failed/$name"
    if ! "build/fuzz/tests/fuzz/${name}_fuzz" "$found" "tests/fuzz/corpus/$name" \
        -max_total_time="$FUZZ_SECONDS" -max_len="$FUZZ_INPUT_BYTES_MAX" \
        -rss_limit_mb="$FUZZ_MEMORY_MIB_MAX" -timeout="$FUZZ_INPUT_SECONDS_MAX" \
        -artifact_prefix="build/fuzz/failed/$name/" -print_final_stats=1 >"$log" 2>&1; then
        tail -n 40 "$log"
        echo "--- FAIL: fuzz $name"
        return 1
    fi
    echo "--- PASS: fuzz $name: $(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log") inputs in ${FUZZ_SECONDS} s"
    [[ $MINIMIZE == yes ]] || return 0
    rm -rf "tests/fuzz/corpus/$name.new" && mkdir "tests/fuzz/corpus/$name.new"
    "build/fuzz/tests/fuzz/${name}_fuzz" -merge=1 -use_counters=0 "tests/fuzz/corpus/$name.new" \
        "tests/fuzz/corpus/$name" "$found" >>"$log" 2>&1
    rm -rf "tests/fuzz/corpus/$name" && mv "tests/fuzz/corpus/$name.new" "tests/fuzz/corpus/$name"
}
export -f fuzz

mapfile -t names < <(cd "$CORPUS" && printf '%s\n' *)
(($#)) && names=("$@")
# Neither is needed for anything else.
if ! command -v clang++ >/dev/null ||
    ! compgen -G '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*' >/dev/null; then
    deploy/local/install.sh
    as_root bash "$LIB_DIR/apt-install.sh" clang libclang-rt-dev
fi
[[ -e build/fuzz/build.ninja ]] || cmake --preset fuzz
cmake --build --preset fuzz
printf '%s\n' "${names[@]}" | xargs -P "$(nproc)" -I{} bash -euo pipefail -c 'fuzz {}'
