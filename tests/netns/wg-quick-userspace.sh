#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# not in a machine: the kernel there has WireGuard
# wg-quick with a data path that is a daemon: what goes wrong there once the link is up makes `up` fail, is told in a
# sentence, and undone.
. "$(dirname "$0")/../tool.sh"
alone "$@"
[ -e /dev/net/tun ] || { skip "wg-quick and wg-tun" "no /dev/net/tun"; finish; }
export LC_ALL=C WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 LOG_LEVEL=silent
unset WG_QUICK_USERSPACE_IMPLEMENTATION WG_PROCESS_FOREGROUND NOTIFY_SOCKET
[ -e /var/run/wireguard ] || mount --bind /run /var/run
KEY=wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=
PEER=FAybEllso8BTkTPWbKepT/A1N2HbFIGS9mf4MhgzJS0=
! ip link add wgprobe type wireguard 2>/dev/null || { skip "wg-quick and wg-tun" "the kernel has WireGuard"; finish; }
umask 077
# conf LINE...: wgq.conf
conf()
{
	printf '%s\n' "[Interface]" "PrivateKey = $KEY" "Address = 10.8.0.1/24" "$@" "[Peer]" "PublicKey = $PEER" \
		"AllowedIPs = 10.8.0.2/32" >/etc/wireguard/wgq.conf
}
gone() { ! ip link show wgq && [ ! -e /run/wireguard/wgq.sock ] && ! ls /run/wireguard-quick/wgq.state; }
# refused SENTENCE: up fails, its last line is this one, and nothing is left.
refused()
{
	timeout 20 "$WG_QUICK" up wgq 2>/run/said && { echo "it ended with 0"; return 1; }
	same "$1" "$(grep '^wg-quick: ' /run/said)" && wait_for 5 gone
}
# holds PROTOCOL ADDRESS PORT: a socket of another program, until `free`.
holds()
{
	python3 -c 'import socket, sys, time
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM)
if ":" in sys.argv[1]: s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
s.bind((sys.argv[1], int(sys.argv[2])))
time.sleep(120)' "$1" "$2" &
	holder=$!
	wait_for 5 sh -c "ss -Hlun 'sport = :$2' | grep -q ."
}
free() { kill $holder; wait $holder 2>/dev/null; }
in_use="wg-quick: UDP port 4444 is in use by another program: choose another ListenPort, or end that program (\`ss -lunp sport = :4444' shows it)"

if command -v python3 >/dev/null; then
	conf "ListenPort = 4444"
	holds 0.0.0.0 4444
	check "a port that is taken" refused "$in_use"
	free
	holds :: 4444
	check "for IPv6 alone" refused "$in_use"
	free
	holds 127.0.0.1 4444
	check "at one address" refused "$in_use"
	free
	holds ::1 4444
	check "at one of IPv6" refused "$in_use"
	free
	check "the port is free again: up" "$WG_QUICK" up wgq
	check "with sockets" sh -c "ss -Hlun 'sport = :4444' | grep -q ."
	ip link set wgq down
	wait_for 5 sh -c "! ss -Hlun 'sport = :4444' | grep -q ."
	holds 0.0.0.0 4444
	ip link set wgq up
	sleep 1.5
	check "taken while the link was down, wg is told" sh -c '! "$WG" set wgq listen-port 4444 2>/run/said && grep "Address already in use" /run/said'
	free
	check "once it is free, the sockets open by themselves" wait_for 3 sh -c "ss -Hlun 'sport = :4444' | grep -q ."
	check "down" "$WG_QUICK" down wgq
	conf "PreUp = $WG set %i listen-port 4444"
	holds 0.0.0.0 4444
	check "a port that a hook has set" refused "$in_use"
	free
else
	skip "ports of other programs" "no python3"
fi
conf "ListenPort = 4444"
cp /etc/wireguard/wgq.conf /etc/wireguard/wgr.conf
sed -i 's/10\.8\.0\.1/10.9.0.1/' /etc/wireguard/wgr.conf
"$WG_QUICK" up wgr 2>/dev/null
check "two tunnels with one port" refused "$in_use"
check "the first one stays" "$WG" show wgr
"$WG_QUICK" down wgr 2>/dev/null
conf
check "no port is asked for" "$WG_QUICK" up wgq
check "the kernel chose one" sh -c '[ "$("$WG" show wgq listen-port)" -gt 0 ]'
"$WG_QUICK" down wgq 2>/dev/null

### Privileges
limited() { setpriv --bounding-set=-all,+net_admin --inh-caps=-all "$@"; }
conf "ListenPort = 53"
net_admin=$WG_QUICK
WG_QUICK=limited_up
limited_up() { limited "$net_admin" "$@"; }
# timeout(1) starts programs only
timeout() { shift; "$@"; }
check "a port below 1024 without the capability" refused \
	"wg-quick: may not listen on UDP port 53: a port below 1024 takes CAP_NET_BIND_SERVICE; give that, or choose another ListenPort"
unset -f timeout
WG_QUICK=$net_admin

### The daemon ends
conf "ListenPort = 4444" "PreUp = kill -KILL \$(pgrep -x wg-tun)"
check "the daemon dies before it is configured" refused \
	"wg-quick: the userspace implementation of \`wgq' has ended: its messages, in the journal or on the terminal, say why"
conf "PostUp = kill -KILL \$(pgrep -x wg-tun); sleep 0.3"
check "the daemon dies while a hook runs" refused \
	"wg-quick: the userspace implementation of \`wgq' has ended: its messages, in the journal or on the terminal, say why"
if command -v wireguard-go >/dev/null && command -v python3 >/dev/null; then
	export WG_QUICK_USERSPACE_IMPLEMENTATION=wireguard-go
	conf "ListenPort = 4444"
	for address in 0.0.0.0 ::; do
		holds $address 4444
		check "wireguard-go: a port that is taken at $address" refused "wg-quick: Unable to modify interface wgq: Address already in use; what stood before the refused setting may have been applied"
		free
	done
	check "wireguard-go: the port is free" "$WG_QUICK" up wgq
	"$WG_QUICK" down wgq 2>/dev/null
fi
finish
