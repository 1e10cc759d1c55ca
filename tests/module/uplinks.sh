#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# ../datapath/uplinks.sh with the kernel's WireGuard, which is our module: both hosts keep and forget sources by
# the same rule.
DATA_PATH=kernel exec sh "$(dirname "$0")/../datapath/uplinks.sh"
