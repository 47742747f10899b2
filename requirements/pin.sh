#!/usr/bin/env bash
# Pins what CI and Docker install, for every Python and system, with the hashes of all files; needs uv.
# `requirements/pin.sh --upgrade` takes the newest of everything.
set -euo pipefail
cd "$(dirname "$0")/.."
pin() { # FILE, EXTRAS...
    local file="$1" && shift
    uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command requirements/pin.sh -q -o "requirements/$file" "$@"
}
pin run.txt --extra pdf --extra npm "${@}"
pin dev.txt --extra dev "${@}"
echo 'hatchling>=1.25' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate \
    --no-emit-index-url --no-emit-find-links --custom-compile-command requirements/pin.sh -q -o requirements/build.txt "${@}"
pin_fuzzer() { # It is for Linux alone.
    echo 'atheris>=3,<3.1' | uv pip compile - --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command requirements/pin.sh -q -o requirements/fuzz.txt "${@}"
}
pin_fuzzer "${@}"
