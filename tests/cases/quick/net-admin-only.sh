#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A container that has no capability but CAP_NET_ADMIN: wg-tun cannot become another user there and must run
# all the same.
. "$(dirname "$0")/../../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"

# Bounds what it runs to CAP_NET_ADMIN.
confined()
{
	others=$(capsh --print | sed -n 's/^Bounding set =//p' | tr ',' '\n' | grep -v cap_net_admin | paste -sd,)
	capsh --drop="$others" -- -c "$*"
}

has_address()
{
	ip -br addr show wg0 | grep -q 10.8.0.1
}

conf wg0 "Address = 10.8.0.1/24"
check "net-admin-only: a tunnel comes up" confined "$WG_QUICK" up wg0
check "net-admin-only: it has its address" has_address
check "net-admin-only: the tunnel goes down" confined "$WG_QUICK" down wg0
finish
