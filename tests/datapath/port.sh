#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The port belongs to the daemon, even if the process that creates its sockets stops or is killed.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
PAIR=po

cleanup_pid()
{
	pgrep -P "$(daemon_pid l)" -f wg-tun
}

set_port() # PORT
{
	on l timeout 5 "$WG" set pol listen-port "$1"
}

is_refused()
{
	! "$@"
}

# The users of the sockets on a port, as /proc/net/udp has them.
owners() # PORT
{
	on l sh -c "cat /proc/net/udp /proc/net/udp6" |
		awk -v port=":$(printf %04X "$1")" 'index($2, port) { print $8 }' | sort -u
}

# Tries to take part in a port as another process of the daemon's user.
intrude() # PORT
{
	on l setpriv --reuid nobody --clear-groups --bounding-set=-all python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(('127.0.0.1', $1))"
}

pair_make
DAEMON_ENV=LOG_LEVEL=error
start l ours
start r ours
configure l 4
configure r none
check "the tunnel carries packets" ping_inner l -c 2 -i 0.1 -W 2
check "the sockets belong to root" same 0 "$(owners 51821)"

pid=$(cleanup_pid)
kill -STOP "$pid"
check "without an answer another port is refused" is_refused set_port 5000
kill -CONT "$pid"
sleep 0.6
check "later it is asked again" set_port 5000
check "the sockets belong to root as before" same 0 "$(owners 5000)"

# While the control thread waits for an answer (0.2 s), packets go on. One of three tries must show that, for
# others may want the processor.
goes_on_meanwhile()
{
	for i in 1 2 3; do
		ping_inner l -i 0.01 -c 100 -W 2 >/run/ping &
		goes_on_job=$!
		sleep 0.3
		kill -STOP "$pid"
		is_refused set_port 6000 || return
		kill -CONT "$pid"
		wait $goes_on_job
		sleep 0.6
		set_port $((6000 + i)) && ping_inner l -c 1 -W 2 >/dev/null || return
		grep rtt /run/ping || return
		sed -n 's|^rtt.*= .*/.*/\([0-9]*\)[.].*/.*|\1|p' /run/ping >/run/longest
		[ "$(cat /run/longest)" -ge 150 ] || return 0
	done
	return 1
}
check "packets do not wait for the answer" goes_on_meanwhile
check "another port, with an answer" set_port 5000

kill -KILL "$pid"
check "without the other process another port is refused" is_refused set_port 5001
check "which is logged" grep -q "wg-tun-cleanup has ended" /run/pair/pol.log
check "the port stays" same 5000 "$(on l "$WG" show pol listen-port)"
check "the sockets still belong to root" same 0 "$(owners 5000)"
check "no process of the daemon's user takes part in it" is_refused intrude 5000
check "and the tunnel carries packets" ping_inner l -c 2 -i 0.1 -W 2
stop l
stop r
finish
