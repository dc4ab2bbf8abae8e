#!/bin/sh
# Records a program, counts its allocations, and compares them with an earlier count.
#
#   COMMAND              the program and its arguments, as a shell takes them
#   TRACE                a recording to count instead
#   NAME                 what the program is called in the counts
#   BASELINE             the file with the earlier count
#   FAIL_ON              how many per cent worse a figure may be
#   INSTRUCTIONS         no: do without valgrind, which takes longest
#   COUNTED              where the new count goes
#   GITHUB_STEP_SUMMARY  the file for the job summary
#
# The exit status is 1 if a figure is worse by more than FAIL_ON per cent, else that of what failed.
set -eu
here=$(pwd)
tools=$(cd "$(dirname "$0")/../.." && pwd)
name=${NAME:-program}
baseline=${BASELINE:-allocations.jsonl}
counted=${COUNTED:-counted.jsonl}
summary=${GITHUB_STEP_SUMMARY:-/dev/null}

xtask() {
    if [ -n "${XTASK:-}" ]; then
        "$XTASK" "$@"
    else
        # The tools' own toolchain and lock file, from the folder that the program runs in.
        cargo run --quiet --manifest-path "$tools/Cargo.toml" --package xtask -- "$@"
    fi
}

trace=${TRACE:-$here/recorded.trace}
if [ -z "${TRACE:-}" ]; then
    xtask record -o "$trace" -- sh -c "exec $COMMAND"
fi
rm -f "$counted"
set -- count "$trace" --name "$name" --records "$counted" --summary "$summary"
if [ "${INSTRUCTIONS:-yes}" != no ]; then
    set -- "$@" --instructions
fi
if [ -f "$baseline" ]; then
    set -- "$@" --baseline "$baseline" --fail-on "${FAIL_ON:-5}"
else
    echo "no $baseline yet: keep $counted under that name" | tee -a "$summary"
fi
xtask "$@"
