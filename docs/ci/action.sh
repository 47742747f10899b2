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

case "$COMMAND" in
check) arguments+=(--check --diff "$RUNNER_TEMP/diagramkit-differences") ;;
render | commit) ;;
*)
    echo "::error::the input 'command' is '$COMMAND'; write check, render or commit"
    exit 2
    ;;
esac

code=0
"$tool/diagramkit" render "${arguments[@]}" -- ${sources[@]+"${sources[@]}"} > "$RUNNER_TEMP/diagramkit-said.txt" || code=$?
cat "$RUNNER_TEMP/diagramkit-said.txt"
[ ! -f "$RUNNER_TEMP/diagramkit-summary.md" ] || cat "$RUNNER_TEMP/diagramkit-summary.md" >> "$GITHUB_STEP_SUMMARY"
if [ "$code" -eq 1 ] || grep -q ': wrote ' "$RUNNER_TEMP/diagramkit-said.txt"; then changed=true; else changed=false; fi
echo "changed=$changed" >> "$GITHUB_OUTPUT"

if [ "$COMMAND" = commit ] && [ "$code" -eq 0 ]; then
    pictures="${OUTPUT:-$("$tool/diagramkit" config | sed -n 's/^output = "\(.*\)"  # .*/\1/p')}"
    git add -A -- "$pictures"
    if ! git diff --cached --quiet; then
        git -c user.name='github-actions[bot]' -c user.email='41898282+github-actions[bot]@users.noreply.github.com' \
            commit --quiet --message "$MESSAGE"
        git push --quiet
    fi
fi
exit "$code"
