# SPDX-License-Identifier: GPL-2.0
# Sourced by the cases of this folder, which all.sh runs in a machine, with a module of WireGuard loaded and in
# namespaces of their own: two ends of a tunnel.
#
#	[ one ] a0 192.0.2.1 2001:db8::1 --- veth --- b0 192.0.2.2 2001:db8::2 [ two ]
#	[ one ] wg1 10.8.0.1 fd09::1 -------------- wg2 10.8.0.2 fd08::2 [ two ]
#
# A case runs twice: first with the kernel's own module, where it prints its figures (`figure NAME VALUE`) and
# ends at `end_of_base`; then with ours, where `base NAME` is what the first run printed. SIX=1: the outer
# packets are IPv6.
. "$(dirname "${BASH_SOURCE[0]}")/../../tool.sh"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# The last line of a case: a verdict, or that it cannot be tried.
right() { echo "right: $*"; exit 0; }
wrong() { echo "wrong: $*"; exit 0; }
untried() { echo "untried: $*"; exit 0; }
# verdict TEXT EXPRESSION: wrong where the expression of awk is true.
verdict()
{
	if [ -n "$2" ] && awk "BEGIN { exit !($2) }"; then wrong "$1"; else right "$1"; fi
}

one() { ip netns exec one "$@"; }
two() { ip netns exec two "$@"; }

# figure NAME VALUE: prints it and keeps it in $got_NAME.
figure() { echo "figure $1 $2"; eval "got_$1=\$2"; }
base() { sed -n "s/^figure $1 //p" "${BASE:-/dev/null}" | tail -n 1; }
end_of_base() { [ -n "${BASE-}" ] || exit 0; }

setup()
{
	k1=$("$WG" genkey) k2=$("$WG" genkey)
	p1=$("$WG" pubkey <<<"$k1") p2=$("$WG" pubkey <<<"$k2")
	ip netns add one && ip netns add two &&
	ip link add a0 netns one type veth peer name b0 netns two || return
	for n in one two; do
		ip -n $n link set lo up
	done
	one ip addr add 192.0.2.1/24 dev a0 && two ip addr add 192.0.2.2/24 dev b0 &&
	one ip addr add 2001:db8::1/64 dev a0 nodad && two ip addr add 2001:db8::2/64 dev b0 nodad &&
	one ip link set a0 up && two ip link set b0 up &&
	one ip link add wg1 type wireguard && two ip link add wg2 type wireguard || return
	far=192.0.2.2
	[ -z "${SIX-}" ] || far='[2001:db8::2]'
	one "$WG" set wg1 private-key <(echo "$k1") listen-port 1001 \
		peer "$p2" allowed-ips 10.8.0.2/32,fd08::/64 endpoint "$far:1002" &&
	two "$WG" set wg2 private-key <(echo "$k2") listen-port 1002 peer "$p1" allowed-ips 10.8.0.1/32,fd09::/64 &&
	one ip addr add 10.8.0.1/16 dev wg1 && two ip addr add 10.8.0.2/16 dev wg2 &&
	one ip addr add fd09::1/64 dev wg1 nodad && two ip addr add fd08::2/64 dev wg2 nodad &&
	one ip link set wg1 up && two ip link set wg2 up &&
	one ip route add fd08::/64 dev wg1 && two ip route add fd09::/64 dev wg2 &&
	wait_for 10 one ping -q -c 1 -W 1 10.8.0.2
}

# dead_peers COUNT: peers of wg1 that do not answer: 10.8.9.1 and so on, the first one fd08:0:0:9::/64, too.
dead_peers()
{
	local i cmd=()
	for i in $(seq "$1"); do
		cmd+=(peer "$("$WG" genkey | "$WG" pubkey)" endpoint 192.0.2.2:9
			allowed-ips "10.8.9.$i/32$([ "$i" != 1 ] || echo ,fd08:0:0:9::/64)")
	done
	one "$WG" set wg1 "${cmd[@]}"
	one ip -6 route add fd08:0:0:9::/64 dev wg1
}

# shape QDISC...: the way of outer packets from one carries 20 Mbit/s, and QDISC is what they wait in.
shape()
{
	one tc qdisc replace dev a0 root handle 1: tbf rate 20mbit burst 16k limit 20000000 &&
		one tc qdisc add dev a0 parent 1: handle 2: "$@"
}

serve()
{
	two iperf3 -s -1 -D -B "${1:-10.8.0.2}" >/dev/null 2>&1
	sleep 0.5
}

# goodput: of one TCP stream, Mbit/s.
goodput()
{
	serve
	one timeout 15 iperf3 -f m -t 3 -c 10.8.0.2 2>&1 | sed -n 's/.* \([0-9.]*\) Mbits\/sec.*receiver.*/\1/p' | tail -n 1
}

# figures FILE ARGUMENT...: a program that runs in one and prints figures; each is in $got_NAME then.
figures()
{
	one /usr/bin/python3 -B "$here/$1" "${@:2}" >/tmp/out 2>&1
	cat /tmp/out
	eval "$(sed -n 's/^figure \([a-z0-9_]*\) \([0-9.]*\)$/got_\1=\2/p' /tmp/out)"
}

setup || {
	[ -n "${BASE-}" ] || untried "no tunnel with the kernel's own module"
	wrong "the tunnel does not come up"
}
