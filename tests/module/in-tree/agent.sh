#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# not in a machine: theirs.sh starts it
# One request: a line that is a command, then what it reads. The answer: what it prints, and its status.
read -r line
eval "$line" 2>&1
printf '\nstatus %s\n' $?
