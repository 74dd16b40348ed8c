#!/bin/sh
# Put the pinned uv into the folder $1, with whatever Python 3 there is. The Makefile calls this.
set -eu
folder=$1
python=$(command -v python3 || command -v python) || {
    echo "There is no Python here. Install Python 3.11 or later, or uv." >&2
    exit 1
}

fetch() {
    "$@" --quiet --disable-pip-version-check --no-warn-script-location \
        --require-hashes -r requirements/uv.txt
}

echo "Fetching uv, which sets up .venv ..."
rm -rf "$folder"
# with a pip of the folder's own if Python can make one, else with a pip that is there beside Python
if "$python" -m venv "$folder" >/dev/null 2>&1; then
    fetch "$folder/bin/python" -m pip install
elif rm -rf "$folder" && "$python" -m pip --version >/dev/null 2>&1; then
    fetch "$python" -m pip install --target "$folder"
else
    echo "$python ($("$python" --version 2>&1)) has neither a working venv module nor pip." >&2
    echo "On Debian and Ubuntu: sudo apt-get install python3-venv. Elsewhere: install uv." >&2
    exit 1
fi
# make compares dates, and pip may have kept that of the release
touch "$folder/bin/uv"
