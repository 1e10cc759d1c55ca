#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Netlink messages that are mostly nonsense, to links that are up. FUZZ_SECONDS, FUZZ_SEED.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
fuzz=${NLFUZZ:-$top/build/tests/module/nlfuzz}
modprobe wireguard
for n in 0 1 2; do
	ip link add fz$n type wireguard
	ip address add 10.$n.0.1/24 dev fz$n
	ip link set fz$n up
done
seed=${FUZZ_SEED:-$(date +%s)}
check "nonsense by netlink, seed $seed" "$fuzz" "$seed" "${FUZZ_SECONDS:-20}"
check "links can be shown" "$WG" show all dump
leaves_nothing nonsense
finish
