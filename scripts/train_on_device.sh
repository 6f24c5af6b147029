#!/bin/bash
# Train on a lent GPU machine, which nothing but a few megabytes reaches, in sessions of a few minutes.
#
#   here:   scripts/train_on_device.sh pack DATA [MINUTES] data, captions and three small wheels -> .device/ (ignored by git);
#           MINUTES of training motion at most, where all of it is too much
#   there:  bash scripts/train_on_device.sh run 7 20       7 minutes of a run of 20; carry .device; results lie in $OUT
#   here:   scripts/train_on_device.sh fetch FILES_AT      the session's model -> .device/model, where the next one begins
#   here:   scripts/train_on_device.sh test                the same steps on a CPU with a tiny set, from a fresh folder
#
# A session that has no .device/model begins with models/default (BEGIN=nothing: from scratch). Weights travel in half
# precision in files of at most 16 MiB; the optimiser starts anew in every session, the learning rate goes on.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd); cd "$here"
box=${BOX:-.device}; python=${PYTHON:-python3}
[ -x .venv/bin/python ] && python=${PYTHON:-.venv/bin/python}
wheels="msgspec array-api-compat platformdirs"   # what the machine's own Python lacks of what training imports

pack() {
  "$python" main.py data pack "$1" -o "$box/data" ${2:+--most-minutes "$2"}
  mkdir -p "$box/wheels"
  if [ "${WHEELS:-yes}" = yes ]; then
    "$python" -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 --implementation cp \
      --platform manylinux_2_28_x86_64 --platform manylinux2014_x86_64 --platform any -d "$box/wheels" $wheels
  fi
  local hidden; hidden=$(git rev-parse --git-path info/exclude 2>/dev/null || true)
  case "$box" in /*) ;; *) [ -z "$hidden" ] || grep -qsx "/$box/" "$hidden" || echo "/$box/" >> "$hidden" ;; esac
  local tree boxed
  tree=$(git ls-files -z 2>/dev/null | xargs -0 -r du -cb | tail -1 | cut -f1); boxed=$(du -sb "$box" | cut -f1)
  echo "tree $((${tree:-0} / 1048576)) MiB and $box $((boxed / 1048576)) MiB travel; the limit is 64 MiB together"
  [ $((${tree:-0} + boxed)) -lt 67108864 ] || { echo "too much: name the most minutes that shall travel: $0 pack $1 60"; return 1; }
}

run() {
  local minutes=$1 whole=$2 work start=() before=0
  work=$(mktemp -d); OUT=${OUT:-$work/out}; mkdir -p "$OUT"
  if ls "$box"/wheels/*.whl > /dev/null 2>&1; then
    for wheel in "$box"/wheels/*.whl; do "$python" -m zipfile -e "$wheel" "$work/site"; done
    export PYTHONPATH="$work/site${PYTHONPATH:+:$PYTHONPATH}"
  fi
  "$python" main.py data unpack "$box/data" -o "$work/data"
  [ "${BEGIN:-default}" = default ] && start=(--start models/default)
  if [ -f "$box/model/model.json" ]; then
    start=(--start "$box/model")
    before=$("$python" -c 'import json,sys; print(json.load(open(sys.argv[1]))["training"]["minutes"])' "$box/model/model.json")
  fi
  # shellcheck disable=SC2086
  "$python" main.py train "$work/data" -o "$work/run" --minutes "$whole" --minutes-before "$before" \
    --session-minutes "$minutes" --log-every "${LOG:-200}" "${start[@]}" \
    ${TRAIN:---batch 128 --learning-rate 8e-4 --dropout 0.1 --device cuda --workers 14 --bf16} | tee "$OUT/log.txt"
  cp "$work/run/model/"* "$work/run/state.json" "$OUT/"
  find "$OUT" -type f -size +16M | grep . && { echo "a file is too large to come back"; return 1; }
  ls -la "$OUT"; rm -rf "$work/data" "$work/run"
}

fetch() { rm -rf "$box/model"; mkdir -p "$box/model"; cp "$1"/model.json "$1"/*.safetensors "$box/model/"; chmod -R u+w "$box/model"; }

tryout() {
  local fresh data; fresh=$(mktemp -d); data=${1:?name a prepared set}
  export BOX="$fresh/box" WHEELS=no PYTHON="$python" LOG=1
  export TRAIN="${TRAIN:---batch 2 --frames 40 --device cpu --two-d-every 0 --threads 2}"
  bash scripts/train_on_device.sh pack "$data"
  OUT="$fresh/one" bash scripts/train_on_device.sh run 0.05 1
  bash scripts/train_on_device.sh fetch "$fresh/one"
  OUT="$fresh/two" bash scripts/train_on_device.sh run 0.05 1
  "$python" - "$fresh" <<'PY'
import json, sys
one, two = (json.load(open(f"{sys.argv[1]}/{n}/model.json"))["training"] for n in ("one", "two"))
assert two["minutes"] > one["minutes"] > 0 and two["steps"] > 0, (one, two)
print("both sessions trained and the second went on:", one, two)
PY
  rm -rf "$fresh"
}

case "${1:-}" in
  pack) pack "$2" "${3:-}" ;;
  run) run "$2" "${3:-20}" ;;
  fetch) fetch "$2" ;;
  test) tryout "${2:-}" ;;
  *) sed -n '2,13p' "$0"; exit 2 ;;
esac
