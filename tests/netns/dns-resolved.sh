#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# DNSBackend = resolved, with a systemd-resolved and a D-Bus of this test's own:
#
#	[ this namespace ] up0 192.0.2.1 -------- veth -------- up1 192.0.2.2 [ peer ] a DNS server of the LAN
#	                   wgq 10.66.0.2 ------ the tunnel ---- wgp 10.66.0.1          and one of the tunnel
#
# Who answered a name shows by the answer. What leaves by up0 to port 53 is counted.
. "$(dirname "$0")/../tool.sh"
sh "$top/tests/dns-programs.sh" || not_ok "systemd-resolved is there"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
F=/run/conf/wgq.conf
package=$top/build/dns/systemd-resolved
PATH=$package/usr/bin:$PATH
# resolved and resolvectl need the library that they were built with.
library=$(dirname "$package"/usr/lib/*/systemd/libsystemd-shared-*.so)
resolvectl() { LD_LIBRARY_PATH=$library command resolvectl "$@"; }
pids=

# A copy of /etc, so that the system's stays as it is.
umount /etc/wireguard
cp -a /etc /run/etc
mount --bind /run/etc /etc
grep -q '^systemd-resolve:' /etc/passwd || {
	echo 'systemd-resolve:x:991:991::/:/usr/sbin/nologin' >>/etc/passwd
	echo 'systemd-resolve:x:991:' >>/etc/group
}
sed -i '/^hosts:/d' /etc/nsswitch.conf
echo 'hosts: files dns' >>/etc/nsswitch.conf
rm -f /etc/resolv.conf
ln -s ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
mkdir -p /run/conf /run/dbus /run/systemd/resolve /etc/systemd
chown systemd-resolve:systemd-resolve /run/systemd/resolve
printf '[Resolve]\nDNS=\nFallbackDNS=\nLLMNR=no\nMulticastDNS=no\nDNSSEC=no\nCache=no\n' >/etc/systemd/resolved.conf
cat >/run/bus.conf <<'END'
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
<allow user="*"/></policy></busconfig>
END

start_bus()
{
	rm -f /run/dbus/system_bus_socket
	dbus-daemon --config-file=/run/bus.conf --nofork --nopidfile >/run/bus.log 2>&1 &
	bus=$!
	wait_for 5 test -S /run/dbus/system_bus_socket
}
start_resolved() # [COMMAND...]
{
	"$@" env LD_LIBRARY_PATH="$library" "$package/lib/systemd/systemd-resolved" >>/run/resolved.log 2>&1 &
	resolved=$!
	wait_for 10 busctl call org.freedesktop.resolve1 /org/freedesktop/resolve1 org.freedesktop.DBus.Peer Ping
}
stop_resolved() { kill $resolved; wait $resolved 2>/dev/null; }

ip netns add peer
ip link add up0 type veth peer name up1 netns peer
ip link set up0 up
ip address add 192.0.2.1/24 dev up0
ip route add default via 192.0.2.2
ip -n peer link set lo up
ip -n peer link set up1 up
ip -n peer address add 192.0.2.2/24 dev up1
ip netns exec peer "$WG_TUN" wgp
(umask 077 && echo "$KEY" >/run/key && "$WG" genkey >/run/peer.key)
PEER=$("$WG" pubkey </run/peer.key)
ip netns exec peer "$WG" set wgp private-key /run/peer.key listen-port 51820 \
	peer "$("$WG" pubkey </run/key)" allowed-ips 10.66.0.2/32
ip -n peer link set wgp up
ip -n peer address add 10.66.0.1/24 dev wgp
ip netns exec peer python3 "$top/tests/netns/dns-server.py" 192.0.2.2 192.0.2.80 /run/lan.log &
ip netns exec peer python3 "$top/tests/netns/dns-server.py" 10.66.0.1 10.66.0.80 /run/tunnel.log &
nft -f - <<'END'
table inet watch {
	chain output {
		type filter hook output priority 0;
		oifname up0 meta l4proto { udp, tcp } th dport { 53, 853 } counter
	}
}
END
start_bus
start_resolved || { cat /run/resolved.log; not_ok "systemd-resolved runs"; finish; }
check "the servers run" wait_for 5 grep -q ready /run/lan.log /run/tunnel.log
resolvectl dns up0 192.0.2.2
resolvectl default-route up0 yes

conf() # LINE...: ALLOWED
{
	{
		printf '%s\n' "[Interface]" "PrivateKey = $KEY" "Address = 10.66.0.2/32" "$@"
		printf '%s\n' "[Peer]" "PublicKey = $PEER" "Endpoint = 192.0.2.2:51820" "AllowedIPs = ${ALLOWED-0.0.0.0/0}"
	} >$F
	chmod 600 $F
}
answer() { getent ahostsv4 "$1" | sed -n '1s/ .*//p'; }
lan() { same 192.0.2.80 "$(answer "$1")"; }
tunnel() { same 10.66.0.80 "$(answer "$1")"; }
leaked() { nft list table inet watch | sed -n 's/.*counter packets \([0-9]*\) .*/\1/p'; }
up() { "$Q" up $F >/run/said 2>&1 || { cat /run/said; return 1; }; }
down() { "$Q" down $F >/run/said 2>&1 || { cat /run/said; return 1; }; }
says() { grep -q -e "$1" /run/said || { cat /run/said; return 1; }; }
agrees() { same "wgq: up, as $F asks" "$("$Q" status $F 2>&1)" && same "" "$("$Q" diff $F 2>&1)"; }
on_link() { same "$1" "$(resolvectl "$2" wgq | sed 's/^Link [0-9]* (wgq): *//')"; }

check "without a tunnel the LAN's server answers" lan before.example

### A full tunnel
conf "DNS = 10.66.0.1, corp.example"
check "the steps, without doing them" sh -c '"$0" up --dry-run '$F' | grep -qx "\[#\] resolvectl domain wgq .corp.example. .~\.. && resolvectl default-route wgq yes && resolvectl dns wgq .10.66.0.1."' "$Q"
before=$(leaked)
check "up, by auto" up
check "no helper is started" sh -c '! grep -q "resolvconf" /run/said'
check "the tunnel's server is set" on_link 10.66.0.1 dns
check "for all names, and to be searched" on_link "corp.example ~." domain
check "as the default route" on_link yes default-route
check "it answers" tunnel one.example
check "also names of one word" tunnel word
check "and so for twenty names" sh -c 'for n in $(seq 20); do getent ahostsv4 n$n.example | grep -q 10.66.0.80 || exit 1; done'
check "no query has left outside" same "$before" "$(leaked)"
check "and none has come to the LAN's server" sh -c '! grep -q -e "^n[0-9]" -e one /run/lan.log'
check "status and diff agree" agrees
resolvectl revert wgq
check "what others revert is a difference" sh -c '"$0" status '$F' | grep -q "resolvectl dns wgq"' "$Q"
check "repair" "$Q" repair $F
check "sets it again" agrees
check "it answers" tunnel two.example
check "a second one has nothing to do" same "" "$("$Q" repair $F 2>&1)"
stop_resolved
start_resolved
check "resolved keeps it when it is restarted" agrees
check "down" down
check "the LAN's server answers again" lan three.example

### Some names only
ALLOWED=10.66.0.0/24
conf "DNS = 10.66.0.1, ~corp.example, ~10.in-addr.arpa" "DNSBackend = resolved"
check "up with routing domains" up
check "names of the domain are asked there" tunnel a.corp.example
check "others are not" lan b.example
check "status agrees" agrees
conf "DNS = 10.66.0.1" "DNSBackend = resolved"
check "reload without them" "$Q" reload $F
check "all names are asked there" tunnel c.example
check "status agrees" agrees
conf "DNS = 10.66.0.1:53, 9.9.9.9:853#dns.quad9.net, 10.66.0.9:5353, 10.66.0.1" "DNSBackend = resolved"
check "reload with a port and a name" "$Q" reload $F
check "resolved has them" on_link "10.66.0.1 9.9.9.9#dns.quad9.net 10.66.0.9:5353" dns
check "status agrees" agrees
conf "DNS = 10.66.0.1" "DNSBackend = file"
check "reload to the file" "$Q" reload $F
check "resolved has nothing" on_link "" dns
check "the file has it" tunnel d.example
conf "DNS = 10.66.0.1" "DNSBackend = resolved"
check "and back" "$Q" reload $F
check "the file leads to resolved" test -L /etc/resolv.conf
check "which asks the tunnel" tunnel e.example
conf
check "reload without DNS" "$Q" reload $F
check "resolved has nothing" on_link "" dns
check "the LAN's server answers" lan f.example
check "down" down

### What it refuses
conf "DNS = 10.66.0.1, bad..example" "DNSBackend = resolved"
check "a refusal fails up" sh -c '! "$0" up '$F' >/run/said 2>&1' "$Q"
check "and the message names the way out" says "systemd-resolved does not take the DNS servers of .wgq'.*DNSRequired = no"
# Which it finds out after the domains were set.
conf "DNS = 0.0.0.0, corp.example" "DNSBackend = resolved" "DNSRequired = no"
check "not required: it comes up" eval "up && agrees"
check "with a warning" says "Warning: systemd-resolved does not take"
check "and nothing is half set" on_link "" domain
check "down" down
conf "DNS = 10.66.0.1, fe80::1%up0" "DNSBackend = resolved"
check "a server through another interface is refused" sh -c '! "$0" up '$F' >/run/said 2>&1 && grep -q "through .wgq. only" /run/said' "$Q"

### Killed at each step
conf "DNS = 10.66.0.1" "DNSBackend = resolved"
if [ -x "$WG_QUICK_TESTHOOKS" ]; then
	T=$WG_QUICK_TESTHOOKS bad=
	env WG_TEST_COUNT=/run/up "$T" up $F >/run/said 2>&1
	"$T" down $F >/run/said 2>&1
	read -r ups calls </run/up
	for n in $(seq 12 $ups); do
		env WG_TEST_KILL_AT=$n "$T" up $F >/run/said 2>&1
		"$T" down $F >/run/said 2>&1
		! ip link show wgq >/dev/null 2>&1 && lan k$n.example >/dev/null || bad+="killed at $n: $(cat /run/said)"
	done 2>/dev/null
	for n in $(seq 4 $calls); do
		env WG_TEST_FAIL_AT=$n "$T" up $F >/run/said 2>&1
		! ip link show wgq >/dev/null 2>&1 && lan f$n.example >/dev/null || bad+="failing at $n: $(cat /run/said)"
	done 2>/dev/null
	check "killed or failing while it is set, nothing is left" same "" "$bad"
	check "and places there are" test "$ups" -gt 16 -a "$calls" -gt 6
	# A reload that fails at each of its changes leaves the servers that were.
	"$T" up $F >/run/said 2>&1
	cp $F /run/first
	for n in 1 2 3; do
		conf "DNS = 10.66.0.1, 10.66.0.9, ~corp.example" "DNSBackend = resolved"
		env WG_TEST_FAIL_AT=$n "$T" reload $F >/run/said 2>&1 && bad+="reload did not fail at $n"
		cp /run/first $F
		agrees >/run/why || bad+="reload failing at $n: $(cat /run/why /run/said)"
	done
	check "a reload that fails changes nothing" same "" "$bad"
	down
	# A bus that does not answer.
	kill -STOP $bus
	check "a bus that hangs ends up in time" sh -c '! timeout 20 "$0" up '$F' >/run/said 2>&1 && grep -q "no answer from systemd-resolved" /run/said' "$T"
	conf "DNS = 10.66.0.1" "DNSBackend = resolved" "DNSRequired = no"
	check "or is a warning" sh -c 'timeout 20 "$0" up '$F' >/run/said 2>&1 && grep -q "^Warning: .*no answer" /run/said' "$T"
	check "and down needs none" timeout 20 "$T" down $F
	kill -CONT $bus
else
	not_ok "there is a wg-quick built with TESTHOOKS=1"
fi

### Where there is another resolvconf, one of systemd, or none of them
mkdir -p /run/bin
PATH=/run/bin:$PATH
conf "DNS = 10.66.0.1"
ln -s "$package/usr/bin/resolvectl" /run/bin/resolvconf
check "the resolvconf of systemd is not started" eval "up && agrees && tunnel g.example && ! says resolvconf 2>&1 >/dev/null"
check "down" down
rm /run/bin/resolvconf
printf '#!/bin/sh\necho "$@" >>/run/resolvconf.log\n' >/run/bin/resolvconf
chmod +x /run/bin/resolvconf
check "another one is, as ever" eval "up && says '^.#. resolvconf -a wgq -m 0 -x$'"
check "and nothing else is asked" on_link "" dns
check "down" down
check "with the words that it knows" same "-a wgq -m 0 -x -d wgq -f" "$(tr '\n' ' ' </run/resolvconf.log | sed 's/ $//')"
rm /run/bin/resolvconf
rm /etc/resolv.conf
echo "nameserver 192.0.2.2" >/etc/resolv.conf
check "a file that does not lead to resolved is changed itself" eval "up && on_link '' dns && tunnel h.example && down && lan i.example"
conf "DNS = 10.66.0.1" "DNSBackend = resolved"
check "resolved by name warns then" eval "up && says 'Warning: /etc/resolv.conf does not lead to systemd-resolved' && down"
stop_resolved
check "resolved that does not run" sh -c '! "$0" up '$F' >/run/said 2>&1 && grep -q "systemd-resolved is not running.*systemctl enable --now" /run/said' "$Q"
start_resolved ip netns exec peer
check "resolved of another namespace" sh -c '! "$0" up '$F' >/run/said 2>&1 && grep -q "manages another network namespace" /run/said' "$Q"
conf "DNS = 10.66.0.1"
check "auto passes it over" eval "up && says 'nameserver 10.66.0.1' && down"
finish
