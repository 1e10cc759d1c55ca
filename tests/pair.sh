# SPDX-License-Identifier: GPL-2.0
# Two ends of a tunnel in namespaces of their own, for the benchmarks, the interop and the soak
# tests. Sourced after tool.sh, within `alone`. PAIR names the pair; several may be there at once.
#
#	[ $PAIR-l ] l0 --------------- veth --------------- r0 [ $PAIR-r ]
#	              192.0.2.1/24, fd02:1::/16  192.0.2.2/24, fd02:2::/16
#	  ${PAIR}l    ------------- the tunnel -------------    ${PAIR}r
#	              10.8.0.1/24, fd08::1/64    10.8.0.2/24, fd08::2/64
#	              port 51821                 port 51822
#
# A side is l or r. A data path is one of
#	ours      wg-tun
#	go        Debian's wireguard-go of this system
#	go-sid    that of sid, which tests/wireguard-go.sh unpacks
#	kernel    the kernel's WireGuard

WG_TUN=${WG_TUN:-$top/build/tun/wg-tun}
WIREGUARD_GO_SID=${WIREGUARD_GO_SID:-$top/build/wireguard-go/usr/bin/wireguard-go}
HELPERS=${HELPERS:-$top/build/tests}
export WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 LOG_LEVEL=silent
pair_files=/run/pair

other()
{
	case $1 in
	l) echo r ;;
	r) echo l ;;
	esac
}

# on SIDE COMMAND...
on()
{
	on_side=$1
	shift
	ip netns exec "$PAIR-$on_side" "$@"
}

# behind SIDE COMMAND...: in the background; $behind is the process of the command itself.
behind()
{
	behind_side=$1
	shift
	ip netns exec "$PAIR-$behind_side" "$@" &
	behind=$!
}

# The number of a side, as in its addresses.
number()
{
	case $1 in
	l) echo 1 ;;
	r) echo 2 ;;
	esac
}

# outer6 NUMBER: an address of which only the first four bytes are not zero, because wireguard-go of sid
# may get the others wrong: when it has spoken IPv4 before, its first IPv6 messages, one or a few, go
# to an address that has zeros there.
outer6()
{
	echo "fd02:$1::"
}

# The namespaces, the veth between them, and a key for each side.
pair_make()
{
	mkdir -p "$pair_files"
	for pair_side in l r; do
		ip netns add "$PAIR-$pair_side"
		on $pair_side ip link set lo up
		on $pair_side sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0
		(umask 077 && "$WG" genkey >"$pair_files/$PAIR$pair_side.key")
		"$WG" pubkey <"$pair_files/$PAIR$pair_side.key" >"$pair_files/$PAIR$pair_side.pub"
	done
	(umask 077 && "$WG" genpsk >"$pair_files/$PAIR.psk")
	ip -n "$PAIR-l" link add l0 type veth peer name r0 netns "$PAIR-r"
	for pair_side in l r; do
		pair_n=$(number $pair_side)
		ip -n "$PAIR-$pair_side" link set ${pair_side}0 up
		ip -n "$PAIR-$pair_side" address add "192.0.2.$pair_n/24" dev ${pair_side}0
		ip -n "$PAIR-$pair_side" address add "$(outer6 $pair_n)/16" dev ${pair_side}0
	done
}

pair_delete()
{
	ip netns del "$PAIR-l"
	ip netns del "$PAIR-r"
}

public()
{
	cat "$pair_files/$PAIR$1.pub"
}

# program DATA-PATH: the daemon.
program()
{
	case $1 in
	ours) echo "$WG_TUN" ;;
	go) echo wireguard-go ;;
	go-sid) echo "$WIREGUARD_GO_SID" ;;
	esac
}

# start SIDE DATA-PATH: the device, with addresses and up, but not configured. What a daemon prints is
# in $pair_files/DEVICE.log, its process in DEVICE.pid. DAEMON_ENV: variables for it.
start()
{
	start_name=$PAIR$1
	start_n=$(number "$1")
	rm -f "$pair_files/$start_name.pid"
	case $2 in
	kernel) ip -n "$PAIR-$1" link add "$start_name" type wireguard || return ;;
	*)
		start_option=-f
		[ "$2" != ours ] || start_option=--foreground
		# No function: $! is to be the daemon.
		ip netns exec "$PAIR-$1" env ${DAEMON_ENV-} "$(program "$2")" $start_option "$start_name" \
			>>"$pair_files/$start_name.log" 2>&1 </dev/null &
		echo $! >"$pair_files/$start_name.pid"
		# A killed one has left its socket, so this must be answered.
		wait_for 10 "$WG" show "$start_name" listen-port || return
		;;
	esac
	on "$1" ip link set "$start_name" mtu "${MTU:-1420}" up || return
	on "$1" ip address add "${INNER4:-10.8.0}.$start_n/24" dev "$start_name" || return
	on "$1" ip address add "${INNER6:-fd08:}:$start_n/64" dev "$start_name"
}

daemon_pid()
{
	cat "$pair_files/$PAIR$1.pid"
}

# stop SIDE [SIGNAL]: ends the daemon and waits until it is gone; removes a device of the kernel's.
stop()
{
	if [ -e "$pair_files/$PAIR$1.pid" ]; then
		stop_pid=$(daemon_pid "$1")
		kill "-${2:-TERM}" "$stop_pid" 2>/dev/null
		wait_for 10 sh -c "! kill -0 $stop_pid" 2>/dev/null
		wait "$stop_pid" 2>/dev/null || :
		rm -f "$pair_files/$PAIR$1.pid"
	else
		ip -n "$PAIR-$1" link del "$PAIR$1"
	fi
}

# configure SIDE [FAMILY] [psk]: its key, port and peer. FAMILY is that of the other's endpoint: 4, 6,
# or none where it is to learn it.
configure()
{
	configure_other=$(other "$1")
	configure_n=$(number "$configure_other")
	set -- "$1" "${2:-4}" "${3-}"
	set -- "$@" peer "$(public "$configure_other")" \
		allowed-ips "${INNER4:-10.8.0}.$configure_n/32,${INNER6:-fd08:}:$configure_n/128"
	case $2 in
	4) set -- "$@" endpoint "192.0.2.$configure_n:$((${PORT:-51820} + configure_n))" ;;
	6) set -- "$@" endpoint "[$(outer6 $configure_n)]:$((${PORT:-51820} + configure_n))" ;;
	esac
	[ -z "$3" ] || set -- "$@" preshared-key "$pair_files/$PAIR.psk"
	configure_side=$1
	shift 3
	on "$configure_side" "$WG" set "$PAIR$configure_side" private-key \
		"$pair_files/$PAIR$configure_side.key" \
		listen-port $((${PORT:-51820} + $(number "$configure_side"))) "$@"
}

# ping_inner SIDE [OPTION...]: the other end, from this one, by IPv4 or, with -6 as the last option, IPv6.
ping_inner()
{
	ping_from=$1
	ping_n=$(number "$(other "$1")")
	shift
	case " $* " in
	*" -6 "*) on "$ping_from" ping -q "$@" "${INNER6:-fd08:}:$ping_n" ;;
	*) on "$ping_from" ping -q "$@" "${INNER4:-10.8.0}.$ping_n" ;;
	esac
}

# show SIDE FIELD: the second column of `wg show DEVICE FIELD`.
show()
{
	on "$1" "$WG" show "$PAIR$1" "$2" | cut -f 2
}
