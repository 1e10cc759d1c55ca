#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# not in a machine: in-tree.sh boots it
# The machine with our module, where the cases of ../../interop are. What they do on the right is done by
# the other machine.
. "$(dirname "$0")/../../tool.sh"
. "$(dirname "$0")/wire.sh"
OURS=kernel OTHER=in-tree OURS_NAME="the module" RATE=${RATE:-300}
. "$top/tests/interop/cases.sh"

ip()
{
	case "$1 $2 ${3-}" in
	"netns exec $PAIR-r" | "-n $PAIR-r "*) elsewhere ip "$@" ;;
	*) command ip "$@" ;;
	esac
}


# start SIDE DATA-PATH: both are the kernel's.
start()
{
	ip -n "$PAIR-$1" link add "$PAIR$1" type wireguard || return
	on "$1" ip link set "$PAIR$1" mtu 1420 up || return
	on "$1" ip address add "10.8.0.$(number "$1")/24" dev "$PAIR$1" || return
	on "$1" ip address add "fd08::$(number "$1")/64" dev "$PAIR$1"
}

# Instead of two namespaces and a veth.
pair_make()
{
	mkdir -p "$pair_files"
	wire_plug l
	wait_for 30 elsewhere true
	for side in l r; do
		(umask 077 && "$WG" genkey >"$pair_files/$PAIR$side.key")
		"$WG" pubkey <"$pair_files/$PAIR$side.key" >"$pair_files/$PAIR$side.pub"
	done
	(umask 077 && "$WG" genpsk >"$pair_files/$PAIR.psk")
	for secret in "${PAIR}r.key" "$PAIR.psk"; do
		elsewhere tee "$pair_files/$secret" <"$pair_files/$secret" >/dev/null
	done
}

pair_delete()
{
	ip netns del "$PAIR-l"
}

renewed()
{
	for side in l r; do
		try "a session that $(data_path $side) began is renewed" renews $side
	done
}

is_ours()
{
	modprobe wireguard && modinfo -F filename wireguard | grep updates
}

check "the module at this end of the wire is ours" is_ours
# While the ends are there.
end_pair()
{
	[ -z "${WG_SLOW_TESTS-}" ] || renewed
	elsewhere touch /run/enough
	stop l
	pair_delete
}
cases
finish
