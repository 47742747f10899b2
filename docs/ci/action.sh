#!/usr/bin/env bash
# What action.yml runs: install, then check, render or commit. Its inputs come as variables, so that none of them
# is ever part of a command.
set -euo pipefail

python -m venv "$RUNNER_TEMP/diagramkit"
tool="$RUNNER_TEMP/diagramkit/bin"
[ -d "$tool" ] || tool="$RUNNER_TEMP/diagramkit/Scripts"
if [ -n "$VERSION" ]; then
    "$tool/python" -m pip install --quiet "$VERSION" # Another version: what it depends on is not pinned here.
else
    pins="$GITHUB_ACTION_PATH/requirements"
    "$tool/python" -m pip install --quiet --no-deps --require-hashes -r "$pins/build.txt" -r "$pins/run.txt"
    "$tool/python" -m pip install --quiet --no-deps --no-build-isolation "$GITHUB_ACTION_PATH"
fi

read -r -a arguments <<< "${ARGUMENTS//$'\n'/ }"
read -r -a sources <<< "${SOURCES//$'\n'/ }"
echo "part=${SHARD:+-${SHARD//\//-of-}}" >> "$GITHUB_OUTPUT"
arguments+=(--output-format github --summary "$RUNNER_TEMP/diagramkit-summary.md" --summary-images "$IMAGES")
[ -z "$OUTPUT" ] || arguments+=(--output "$OUTPUT")
[ -z "$SHARD" ] || arguments+=(--shard "$SHARD")

differences="$RUNNER_TEMP/diagramkit-differences"
pending="https://differences.invalid" # Replaced by the address of the pictures once they are uploaded.

# Pushes the files of a folder as a commit outside of all branches, and prints its name.
upload() {
    local git=(git --git-dir "$(git rev-parse --absolute-git-dir)" --work-tree "$1") tree commit
    tree="$(cd "$1" && export GIT_INDEX_FILE="$RUNNER_TEMP/diagramkit-index" \
        && "${git[@]}" add --all --force . && "${git[@]}" write-tree)" \
        && commit="$(git "${author[@]}" commit-tree -m "Differences of pictures" "$tree")" \
        && git push --quiet origin "+$commit:refs/diagramkit/$GITHUB_RUN_ID${SHARD:+-${SHARD//\//-of-}}" >&2 \
        && echo "$commit"
}
author=(-c user.name='github-actions[bot]' -c user.email='41898282+github-actions[bot]@users.noreply.github.com')

case "$COMMAND" in
check) arguments+=(--check --diff "$differences" --summary-differences "$pending") ;;
render | commit) ;;
*)
    echo "::error::the input 'command' is '$COMMAND'; write check, render or commit"
    exit 2
    ;;
esac

code=0
"$tool/diagramkit" render "${arguments[@]}" -- ${sources[@]+"${sources[@]}"} > "$RUNNER_TEMP/diagramkit-said.txt" || code=$?
cat "$RUNNER_TEMP/diagramkit-said.txt"
if [ -f "$RUNNER_TEMP/diagramkit-summary.md" ]; then
    address="s|<a href=\"$pending[^>]*><img[^>]*></a>|in the artifact|g"
    if [ "$UPLOAD" = commit ] && [ -d "$differences" ]; then
        if commit="$(upload "$differences")"; then
            address="s|$pending|${IMAGES%/*}/$commit|g"
        else
            echo "::warning::the pictures of differences could not be pushed; give the job 'contents: write'"
        fi
    fi
    sed "$address" "$RUNNER_TEMP/diagramkit-summary.md" >> "$GITHUB_STEP_SUMMARY"
fi
pattern=': wrote |title=diagramkit (stale|missing|orphan)-output'
if [ "$code" -eq 1 ] || grep -qE "$pattern" "$RUNNER_TEMP/diagramkit-said.txt"; then changed=true; else changed=false; fi
if [ "$code" -gt 1 ]; then failed=true; else failed=false; fi
echo "changed=$changed
failed=$failed" >> "$GITHUB_OUTPUT"

if [ "$COMMAND" = commit ] && [ "$code" -ne 1 ]; then # Where something failed, the rest was drawn.
    pictures="${OUTPUT:-$("$tool/diagramkit" config | sed -n 's/^output = "\(.*\)"  # .*/\1/p')}"
    if [ -e "$pictures" ] || [ -n "$(git ls-files -- "$pictures")" ]; then git add -A -- "$pictures"; fi
    if ! git diff --cached --quiet; then
        git "${author[@]}" commit --quiet --message "$MESSAGE"
        git push --quiet
    fi
fi
exit "$code"
