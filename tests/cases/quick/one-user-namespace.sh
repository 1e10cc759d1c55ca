#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A user namespace that has one user, root, as with `unshare -rn` and in rootless containers: wg-tun cannot
# become another user there and must run all the same.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"

tunnel()
{
	unshare -r -n -m sh -c 'mount -t tmpfs t /run && mkdir -p /run/wireguard && ip link set lo up &&
		"$WG_QUICK" up wg0 && ip -br addr show wg0 | grep -q 10.8.0.1 && "$WG_QUICK" down wg0'
}

conf wg0 "Address = 10.8.0.1/24"
check "one-user-namespace: a tunnel comes up and goes down" tunnel
finish
