#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# not in a machine: the kernel there has WireGuard
# `wg-quick watch` with real data paths, a DNS server that flips its records, and others that delete what is ours. All
# its times are a tenth of what they are (WG_TEST_WATCH_SPEED); WATCH_REAL=1 takes the real ones, and minutes.
#
#	wgq ---[ this namespace ]--- up0 10.9.0.1 === 10.9.0.2, .3, .4, fd09::2 up1 ---[ far: wga ]
#	                         --- up2 10.8.0.1 === 10.8.0.2 up3 ---[ other: wgb ]
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
[ -e /dev/net/tun ] || { skip "wg-quick watch" "no /dev/net/tun"; finish; }
command -v python3 >/dev/null || { skip "wg-quick watch" "no python3"; finish; }
! ip link add wgprobe type wireguard 2>/dev/null || { skip "wg-quick watch" "the kernel has WireGuard"; finish; }
[ -e /var/run/wireguard ] || mount --bind /run /var/run
export LC_ALL=C
umask 077
here=$(cd "$(dirname "$0")" && pwd)
quick_setup
ip address add 10.9.0.1/24 dev up0
ip address add fd09::1/64 dev up0
mkdir -p /run/netns
ip netns add far
ip netns add other
ip link add up2 type veth peer name up3
ip address add 10.8.0.1/24 dev up2
ip link set up2 up
ip link set up1 netns far
ip link set up3 netns other
for n in "far up1" "other up3"; do
	ip -n ${n% *} link set lo up
	ip -n ${n% *} link set ${n#* } up
done
for a in 10.9.0.2/24 10.9.0.3/24 10.9.0.4/24 fd09::2/64; do ip -n far address add $a dev up1; done
ip netns exec far sysctl -qw net.ipv4.conf.all.promote_secondaries=1 net.ipv4.conf.up1.promote_secondaries=1
ip -n other address add 10.8.0.2/24 dev up3
[ -n "${WATCH_REAL-}" ] || export WG_TEST_WATCH_SPEED=10
SOON=$((${WATCH_REAL:+60} + 15))

# server NAME NAMESPACE ADDRESS: a data path that answers at 10.77.0.ADDRESS and .50; its key in $NAME.
server()
{
	server_key=$("$WG" genkey)
	echo "$server_key" >/run/$1.key
	eval "$1=\$(echo $server_key | \"\$WG\" pubkey)"
	start_server "$@"
}
start_server()
{
	ip netns exec $2 "$WG_TUN" "$1" &&
		ip netns exec $2 "$WG" set "$1" private-key /run/$1.key listen-port 51820 peer "$own" allowed-ips 0.0.0.0/0 &&
		ip -n $2 address add 10.77.0.$3/32 dev "$1" && ip -n $2 address add 10.77.0.50/32 dev "$1" &&
		ip -n $2 link set "$1" up && ip -n $2 route add 10.77.0.1/32 dev "$1"
}
stop_server() { ip -n $2 link del "$1" && wait_for 5 test ! -e /run/wireguard/$1.sock; }
own=$(echo $KEY | "$WG" pubkey)
# file LINE... -- LINE...: wgq.conf, the lines of [Interface] and the rest.
file()
{
	{
		printf '%s\n' "[Interface]" "PrivateKey = $KEY" "Address = 10.77.0.1/32"
		while [ "$1" != -- ]; do
			echo "$1"
			shift
		done
		shift
		printf '%s\n' "$@"
	} >/etc/wireguard/wgq.conf
}
records() { printf '%s\n' "$@" >/run/records.new && mv /run/records.new /run/records; }
up() { "$WG_QUICK" up wgq >/run/up.log 2>&1 || { cat /run/up.log; return 1; }; }
down() { "$WG_QUICK" down wgq >/run/down.log 2>&1 || { cat /run/down.log; return 1; }; }
# The watch as a service: its output in /run/watch.log.
watch()
{
	: >/run/watch.log
	env "${watch_env[@]}" "$WG_QUICK_TESTHOOKS" watch "$@" 2>>/run/watch.log &
	watch_pid=$!
	wait_for 5 watched
}
watched() { ls /run/wireguard-quick/*@watch*.lock >/dev/null && kill -0 "$watch_pid"; }
unwatch() { kill "$watch_pid" && wait "$watch_pid"; }
endpoint() { "$WG" show wgq endpoints | grep -F "$1" | cut -f 2; }
has_endpoint() { same "$2" "$(endpoint "$1")"; }
# Traffic to 10.77.0.ADDRESS is what a peer owes answers for.
talk() { ping -i 0.2 "10.77.0.$1" >/dev/null 2>&1 & talk_pid=$!; }
hush() { kill "$talk_pid"; wait "$talk_pid" 2>/dev/null; }
answers() { ping -c 1 -W 0.3 "10.77.0.$1"; }
log_has() { grep -q "$1" /run/watch.log || { cat /run/watch.log; return 1; }; }
rules() { ip -4 rule show | grep -c 'proto 87'; }
up_in_time()
{
	local before after

	before=$(date +%s%N)
	up || return 1
	after=$(date +%s%N)
	echo "it took $(((after - before) / 1000000)) ms"
	[ $((after - before)) -lt 1000000000 ]
}

server wga far 11
server wgb other 12
echo "nameserver 127.0.0.1" >/run/resolv.conf
echo "options timeout:1 attempts:1" >>/run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
records dead
python3 "$here/dns.py" 127.0.0.1 /run/records &
dns_pid=$!
watch_env=()

# The resolver is dead, as at boot.
file "Table = auto" -- "[Peer]" "PublicKey = $wga" "Endpoint = a.example:51820" "AllowedIPs = 0.0.0.0/0"
WG_ENDPOINT_RESOLUTION_RETRIES=infinity timeout 2 "$WG_QUICK" up wgq >/run/up.log 2>&1
check "without a watch, up waits for the resolver" test $? -ne 0 -a ! -e /sys/class/net/wgq
python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind("/run/notify")
while True: print(s.recv(4096).decode(), flush=True)' >/run/notified &
notify_pid=$!
wait_for 5 test -S /run/notify
watch_env=(NOTIFY_SOCKET=/run/notify WATCHDOG_USEC=400000)
check "the watch starts" watch
watch_env=()
check "it says that it is ready" wait_for 5 grep -qx READY=1 /run/notified
check "a second one is refused" sh -c '! timeout 5 "$WG_QUICK" watch 2>/run/second && grep -q "watches all tunnels already" /run/second'
check "with a watch, up takes less than a second" up_in_time
check "it says what it left" grep -q "1 endpoint cannot be looked up yet (first: a.example): left to" /run/up.log
check "rules and routes stand" test "$(rules)" = 2 -a -n "$(ip route show table 51820 default dev wgq)"
check "no endpoint is no difference" "$WG_QUICK" status wgq
records "a.example A 10.9.0.2"
check "once there is a resolver, the peer gets its endpoint" wait_for $SOON has_endpoint "$wga" 10.9.0.2:51820
check "and answers" wait_for 5 answers 11
check "its state is as the file asks" "$WG_QUICK" status wgq
check "the service manager hears of it" wait_for 5 grep -q "STATUS=Watching 1 tunnel" /run/notified
check "and that the watch is alive" wait_for 5 grep -qx WATCHDOG=1 /run/notified

# Others take things away.
ip -4 rule del table 51820
ip -4 rule del table main suppress_prefixlength 0
check "rules come back" wait_for $SOON sh -c '[ "$(ip -4 rule show | grep -c "proto 87")" = 2 ]'
ip route del default table 51820
check "a route comes back" wait_for $SOON sh -c 'ip route show table 51820 | grep -q "default dev wgq"'
ip address del 10.77.0.1/32 dev wgq
check "an address comes back" wait_for $SOON sh -c 'ip address show dev wgq | grep -q 10.77.0.1/32'
nft delete table ip wg-quick-wgq
check "a table of the firewall comes back" wait_for $SOON nft list table ip wg-quick-wgq
check "strangers' tables stay" nft list table inet foreign
check "the tunnel is as the file asks" wait_for $SOON "$WG_QUICK" status wgq
: >/run/watch.log
old=$(cat /sys/class/net/wgq/ifindex)
pid=$(for p in /proc/[0-9]*; do [ "$(tr '\0' ' ' <$p/cmdline 2>/dev/null | grep -c "wg-tun .*wgq\|wg-tun wgq")" = 1 ] && echo "${p#/proc/}"; done | head -n 1)
kill -9 "$pid"
check "a data path that was killed comes back" wait_for $SOON sh -c "[ \"\$(cat /sys/class/net/wgq/ifindex)\" -gt $old ] && ip -4 rule show | grep -q 'proto 87'"
check "with its endpoint" wait_for $SOON has_endpoint "$wga" 10.9.0.2:51820
check "and answers again" wait_for 10 answers 11

# The name moves.
talk 11
wait_for 5 answers 11
ip -n far address del 10.9.0.2/24 dev up1
records "a.example A 10.9.0.3"
check "a name that has moved is looked up again" wait_for $SOON has_endpoint "$wga" 10.9.0.3:51820
check "and the peer answers" wait_for 10 answers 11
# It roams, and the name stays: a peer that is alive is never moved.
"$WG" set wgq peer "$wga" endpoint 10.9.0.4:51820
wait_for 5 answers 11
sleep 2
check "a peer that has roamed and is alive is left alone" has_endpoint "$wga" 10.9.0.4:51820
hush
check "down" down
check "the watch forgets it" wait_for 5 log_has "wgq: is not up any more"

# IPv6 is a black hole.
records "a.example AAAA fd09::dead" "a.example A 10.9.0.3"
up
wait_for 5 has_endpoint "$wga" "[fd09::dead]:51820"
talk 11
check "behind a black hole of IPv6 there is IPv4" wait_for 20 has_endpoint "$wga" 10.9.0.3:51820
check "which answers" wait_for 10 answers 11
hush
down
check "the watch ends" unwatch

# Several lines, and a watch of one tunnel.
ip -6 route del default
file -- "[Peer]" "PublicKey = $wga" "Endpoint = [2001:db8::1]:51820" "Endpoint = gone.example:51820" \
	"Endpoint = 10.9.0.4:51820" "AllowedIPs = 10.77.0.11/32"
check "a tunnel can be watched before it is up" watch wgq
check "other names are not" sh -c '! ls /run/wireguard-quick/@watch*.lock 2>/dev/null || timeout 1 "$WG_QUICK" watch wgx 2>&1 | grep -q "does not exist"'
up
check "strip prints the first line alone" same "Endpoint = [2001:db8::1]:51820" "$("$WG_QUICK" strip wgq | grep Endpoint)"
talk 11
check "where no route leads to the first line, the others are tried" wait_for 20 has_endpoint "$wga" 10.9.0.4:51820
check "until one answers" wait_for 10 answers 11
check "that is no difference to the file" "$WG_QUICK" status wgq
hush
down

# Failover.
file "Failover = yes" -- "[Peer]" "PublicKey = $wga" "Endpoint = 10.9.0.3:51820" "AllowedIPs = 10.77.0.0/24" \
	"PersistentKeepalive = 1" "[Peer]" "PublicKey = $wgb" "Endpoint = 10.8.0.2:51820" \
	"AllowedIPs = 10.77.0.0/24, 10.78.0.0/24" "PersistentKeepalive = 1"
# holds PEER
holds() { "$WG" show wgq allowed-ips | grep -F "$1" | grep -q 10.77.0.0/24; }
up
check "the first peer holds the prefix" holds "$wga"
check "as in what strip prints" same "AllowedIPs = 10.77.0.0/24 AllowedIPs = 10.78.0.0/24" \
	"$(echo $("$WG_QUICK" strip wgq | grep Allowed))"
check "which answers" wait_for 10 answers 50
wait_for 10 sh -c '"$WG" show wgq latest-handshakes | grep -vq "	0$" && ! "$WG" show wgq latest-handshakes | grep -q "	0$"'
talk 50
sleep 0.5
before=$(date +%s)
stop_server wga far
check "a peer that is lost gives it to the next" wait_for 15 holds "$wgb"
echo "# after $(($(date +%s) - before)) s"
check "which answers in its place" wait_for 5 answers 50
check "that is no difference to the file" "$WG_QUICK" status wgq
"$WG_QUICK" reload wgq 2>/run/reload.log
check "nor to a reload" holds "$wgb"
start_server wga far 11
check "the first gets it back" wait_for $((SOON + 5)) holds "$wga"
check "and answers" wait_for 5 answers 50
hush

# The kill switch: its table comes back, but not when the user has lifted it.
down
file "KillSwitch = yes" -- "[Peer]" "PublicKey = $wga" "Endpoint = 10.9.0.3:51820" "AllowedIPs = 10.77.0.0/24"
up
kill_table() { nft list table inet wg-quick-kill; }
# Waits until the watch has repaired something else.
repaired() { ip address del 10.77.0.1/32 dev wgq && wait_for $SOON sh -c 'ip address show dev wgq | grep -q 10.77.0.1/32'; }
check "the watch has seen the tunnel" repaired
whole=$(kill_table)
nft delete table inet wg-quick-kill
check "a kill switch's table comes back" wait_for $SOON kill_table
check "as it was" same "$whole" "$(kill_table)"
check "killswitch --lift" "$WG_QUICK" killswitch --lift wgq
check "the watch repairs what is not lifted" repaired
check "and not the kill switch" sh -c '! nft list table inet wg-quick-kill 2>/dev/null'
check "nor does repair, which has nothing to do" same "" "$("$WG_QUICK" repair wgq 2>&1; nft list table inet wg-quick-kill 2>/dev/null)"
check "a second --lift finds none" sh -c '"$WG_QUICK" killswitch --lift wgq 2>&1 | grep -q "has no kill switch"'
check "status says that the file asks for it" sh -c '"$WG_QUICK" status wgq; [ $? = 2 ]'
check "killswitch loads it again" "$WG_QUICK" killswitch wgq
check "with the tunnel's mark" same "$whole" "$(kill_table)"
check "the tunnel is as its file asks" "$WG_QUICK" status wgq
check "a second killswitch does nothing" same "" "$("$WG_QUICK" killswitch wgq 2>&1)"
nft delete table inet wg-quick-kill
check "repair knows of it again" wait_for $SOON kill_table
"$WG_QUICK" killswitch --lift wgq 2>/run/lift.log
check "reload loads what the file asks for" "$WG_QUICK" reload wgq
check "as it was before" same "$whole" "$(kill_table)"
"$WG_QUICK" killswitch --lift wgq 2>/run/lift.log
ip link set wgq down && ip link set wgq name wgx && ip link add wgq type veth peer name wgp
check "killswitch takes no mark of another's interface" sh -c '"$WG_QUICK" killswitch wgq 2>&1 | grep -q "has lost its interface"'
ip link del wgq && ip link set wgx name wgq
check "down after a lift" down
check "leaves no table" sh -c '! nft list table inet wg-quick-kill 2>/dev/null'

# A user's down comes while the watch repairs: it waits.
file "PreUp = sleep 1" -- "[Peer]" "PublicKey = $wga" "Endpoint = 10.9.0.3:51820" "AllowedIPs = 10.77.0.0/24"
up
ip link del wgq
check "the watch brings it up again" wait_for $SOON log_has "\[#\] sleep 1"
check "a down meanwhile waits for that" down
check "and nothing comes back" sh -c 'sleep 1; ! ip link show wgq 2>/dev/null'
check "the watch ends with SIGTERM" unwatch
file "EndpointResolution = background" -- "[Peer]" "PublicKey = $wga" "Endpoint = a.example:51820" "AllowedIPs = 10.77.0.0/24"
records dead
check "a file can ask for the background" up_in_time
check "up says that nobody watches" grep -q "nobody watches .wgq., so nobody looks them up" /run/up.log
down
kill $dns_pid $notify_pid
finish
