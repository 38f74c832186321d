#!/usr/bin/env bash
# Makes docs/images/training.svg, the README's picture: runs lenet5_mnist on a terminal (tmux) and draws what it shows.
#   tools/training_picture.sh [OPTION…]      options go to lenet5_mnist
set -euo pipefail
root=$(dirname "$(dirname "$(realpath "$0")")")
program=${LENET5_MNIST:-$root/build/release/examples/lenet5_mnist}
[[ -x $program ]] || { echo "$program is not there; ./run-lenet5.sh builds it" >&2; exit 1; }

socket=$(mktemp -u strata-picture-XXXXXX)
shown=$(mktemp)
trap 'tmux -L "$socket" kill-server 2>/dev/null || true; rm -f "$shown"' EXIT
tmux -L "$socket" -f /dev/null start-server \; set-option -g history-limit 5000 \; \
    new-session -d -x 122 -y 60 "${program@Q} ${*@Q}; tmux -L $socket wait-for -S done; sleep 60"
tmux -L "$socket" wait-for done
tmux -L "$socket" capture-pane -e -p -S -200 | sed -n '/Epoch 1\//,/✗/p' >"$shown"
[[ -s $shown ]] || { echo "the program showed no training" >&2; exit 1; }
"$root/tools/terminal_to_svg.py" <"$shown" >"$root/docs/images/training.svg"
