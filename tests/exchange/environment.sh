# Sourced by the scripts of this folder, which are called with WORK_DIR COMPILER [FLAGS…]: takes WORK_DIR from their
# arguments and makes it. The other programs come from PyPI, into an environment of a test's own.

here=$(dirname "$(realpath "$0")")
work=$1
shift
mkdir -p "$work"

skip() { printf 'skipped: %s\n' "$*"; exit 77; }

# Makes the environment "$work/NAME_environment" with some packages, once: environment NAME PACKAGE…
# Its interpreter is then in the variable python. Where that cannot be had, the test is skipped.
environment() {
    local folder=$work/$1_environment
    shift
    python=$folder/bin/python
    [[ ! -e $folder/complete ]] || return 0
    rm -rf "$folder"
    command -v python3 >/dev/null || skip "there is no python3"
    python3 -m venv "$folder" >"$work/log" 2>&1 || skip "python3 makes no environments (python3-venv?)"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --retries 1 "$@" >"$work/log" 2>&1 ||
        skip "pip could not install $*: $(tail -n 1 "$work/log")"
    touch "$folder/complete"
}
