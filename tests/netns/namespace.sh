#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Namespace and UnderlayNamespace: the interface in one network namespace, its sockets in another; and programs
# that run there.
#
#	wgq [ vpn ]    this namespace: up0 ---- up1 [ ns-s ] nss
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
[ -e /dev/net/tun ] || { skip "network namespaces" "no /dev/net/tun"; finish; }
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
mount -t tmpfs -o mode=0755 none /etc/netns 2>/dev/null || {
	mkdir -p /run/upper /run/work
	mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/upper,workdir=/run/work /etc 2>/dev/null ||
		{ cp -a /etc /run/etc && mount --bind /run/etc /etc; }
	mkdir -p /etc/netns
}
on_s() { ip netns exec ns-s "$@"; }
in_vpn() { ip netns exec vpn "$@"; }

quick_setup
ip netns add ns-s
ip netns add keep && ip netns delete keep # /run/netns is a mount from here on
ip link set up1 netns ns-s
on_s sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.accept_dad=0
on_s ip link set lo up
on_s ip link set up1 up
on_s ip address add 192.0.2.254/24 dev up1
on_s ip address add 198.51.100.1/32 dev lo
on_s ip address add 2001:db8:1::1/128 dev lo
private=$("$WG" genkey) public=$(echo "$KEY" | "$WG" pubkey)
on_s "$WG_TUN" nss
on_s "$WG" set nss private-key <(echo "$private") listen-port 1001 peer "$public" \
	allowed-ips 10.66.1.2/32,fd66:1::2/128
on_s ip link set nss up
on_s ip route add 10.66.1.2 dev nss
on_s ip route add fd66:1::2 dev nss
PEER=$(echo "$private" | "$WG" pubkey)
tunnel() # LINE...
{
	conf wgq "Address = 10.66.1.2/32, fd66:1::2/128" "$@"
	sed -i 's/^Endpoint.*/Endpoint = 192.0.2.254:1001/' $C
}
full_picture() { picture; ls /run/netns /etc/netns; }
before=$(full_picture)
clean() { check "$1" same "$before" "$(full_picture)"; }
says() { cat $log; grep -q -e "$1" $log; }
reaches() { "$@" ping -q -c 1 -W 3 198.51.100.1 && "$@" ping -q -c 1 -W 3 2001:db8:1::1; }
here() { env "$@"; }
# Those of the kernel's WireGuard are not listed.
has_sockets() { kernel_has_wireguard || [ -n "$("$@" ss -Hlun)" ]; }

### One that is made
tunnel "Namespace = vpn" "DNS = 10.66.1.1, corp.example" "PostUp = ip -br link show dev %i > /run/postup" \
	"PostDown = ip -br link show > /run/postdown"
check "up --dry-run" sh -c "'$Q' up --dry-run $C >$log"
check "names the namespace" says "^.#. ip netns add vpn"
check "and how the link gets there" says "^.#. ip link add dev wgq netns vpn type wireguard"
check "needs no rules" sh -c "! grep -e 'rule add' -e fwmark $log"
clean "and changes nothing"
check "up" "$Q" up $C
check "the interface is not here" sh -c "! ip link show dev wgq"
check "but there, with lo alone" same "lo wgq" "$(in_vpn ls /sys/class/net | grep -v 0$ | paste -sd' ')"
check "lo is up there" sh -c "ip -n vpn link show dev lo | grep -q UP"
check "the hook ran there" grep -q wgq /run/postup
check "it carries packets" reaches in_vpn
check "its sockets are here" has_sockets here
check "and not there" test -z "$(in_vpn ss -Hlun)"
check "status" "$Q" status $C
check "diff" test -z "$("$Q" diff $C)"
check "up once more" sh -c "! '$Q' up $C 2>$log"
check "is an error" says "already exists"
check "but not with --idempotent" "$Q" up --idempotent $C
sed -i 's/^Address.*/&, 10.66.1.3\/32/' $C
check "reload" "$Q" reload $C
check "adds an address there" sh -c "ip -n vpn address show dev wgq | grep -q 10.66.1.3"
ip -n vpn route del default
check "repair" "$Q" repair $C
check "puts a route back there" reaches in_vpn
check "resolv.conf for programs there" grep -qx "nameserver 10.66.1.1" /etc/netns/vpn/resolv.conf
sed -i 's/^DNS.*/DNS = 10.66.1.9/' $C
check "reload of DNS" "$Q" reload $C
check "writes it anew" grep -qx "nameserver 10.66.1.9" /etc/netns/vpn/resolv.conf
rm /etc/netns/vpn/resolv.conf
check "repair writes it, too" sh -c "'$Q' repair $C && grep -q 10.66.1.9 /etc/netns/vpn/resolv.conf"
sed 's/Namespace = vpn/Namespace = other/' $C >/run/other && cp /run/other $C
check "another Namespace cannot be reloaded" sh -c "! '$Q' reload $C 2>$log"
check "which is said" says "Namespace of $C is another than when"
sed -i 's/Namespace = other/Namespace = vpn/' $C

### Programs
check "exec" reaches "$Q" exec $C --
check "has the namespace's resolv.conf" sh -c "'$Q' exec $C -- cat /etc/resolv.conf | grep -qx 'nameserver 10.66.1.9'"
check "which others do not have" sh -c "! grep 10.66.1.9 /etc/resolv.conf"
check "and its /sys" sh -c "'$Q' exec $C -- test -e /sys/class/net/wgq"
"$Q" exec $C -- sh -c 'exit 7'
check "its exit status is passed on" test $? = 7
"$Q" exec $C /nowhere 2>/dev/null
check "127: no such program" test $? = 127
"$Q" exec $C -- sleep 4321 &
sleeper=$!
check "a program that stays" wait_for 3 sh -c "ip netns pids vpn | grep -qx $sleeper"
check "the caller's environment" same "$PATH de_DE.UTF-8" "$(LC_ALL=de_DE.UTF-8 "$Q" exec $C -- sh -c 'echo "$PATH $LC_ALL"')"
check "exec needs a command" sh -c "'$Q' exec $C -- 2>&1 | grep -q 'expected COMMAND'"
check "down beside it" sh -c "'$Q' down $C 2>$log"
check "leaves the namespace" says "network namespace .vpn. is left: process $sleeper is in it"
check "PostDown ran in it" sh -c "grep -q '^lo' /run/postdown && ! grep -e up0 -e wgq /run/postdown"
kill -TERM $sleeper
wait $sleeper
check "signals are the program's" test $? = 143
check "exec when the tunnel is down" sh -c "! '$Q' exec $C true 2>/dev/null"
check "a namespace that is there" "$Q" up $C
check "carries packets" reaches in_vpn
ip -n vpn link add mine type veth peer name mine2
check "down" "$Q" down $C
check "leaves it, for it was there before" ip -n vpn link show dev mine
ip netns delete vpn
clean "and nothing else"

### What others do to it
"$Q" up $C 2>$log
cat >/etc/netns/vpn/resolv.conf <<<"nameserver 192.0.2.53"
check "down with a resolv.conf that was changed" sh -c "'$Q' down $C 2>$log"
check "leaves that" says "resolv.conf is not as it was made"
check "and up refuses it" sh -c "! '$Q' up $C 2>$log"
check "with the way out" says "take DNS out of the tunnel's file, or remove that one"
rm -r /etc/netns/vpn
clean "and leaves nothing"
"$Q" up $C 2>$log
ip netns delete vpn
ended() { ! "$Q" status $C; }
check "the namespace is deleted: status" wait_for 3 ended
check "up heals that" sh -c "'$Q' up $C 2>$log"
check "and says it" says "the network namespace /run/netns/vpn of .wgq. is gone"
check "it carries packets" reaches in_vpn
ip netns delete vpn
ip netns add vpn
ip -n vpn link add wgq type veth peer name wgq2
check "down, where another one has the name" sh -c "'$Q' down $C 2>$log"
check "leaves that one alone" ip -n vpn link show dev wgq
ip netns delete vpn
clean "and nothing is left"
tunnel "Namespace = vpn"
"$Q" up $C 2>$log
rm /run/wireguard-quick/wgq*.state
check "down without a journal" "$Q" down $C
check "deletes the interface" sh -c "! ip -n vpn link show dev wgq"
ip netns delete vpn
clean "and nothing is left but the namespace, of which nothing proves whose it is"
tunnel "Namespace = vpn" "PostUp = false"
check "a hook that fails" sh -c "! '$Q' up $C 2>/dev/null"
clean "undoes the namespace, too"
tunnel "Namespace = /run/nowhere"
check "a path must be there" sh -c "! '$Q' up $C 2>$log"
check "which is said" says "cannot open the network namespace /run/nowhere"
tunnel "Namespace = a b"
check "two names are an error" sh -c "! '$Q' up $C 2>$log"
check "with its place" says "wgq.conf:4:14: expected one network namespace"

printf '%s\n' "[Interface]" "PrivateKey = $("$WG" genkey)" "Address = 10.77.1.1/24" "Namespace = both" >/run/conf/wga.conf
sed 's/10.77.1.1/10.77.2.1/' /run/conf/wga.conf >/run/conf/wgb.conf
chmod 600 /run/conf/wg?.conf
"$Q" up /run/conf/wga.conf 2>/dev/null &
"$Q" up /run/conf/wgb.conf 2>/dev/null
check "two come up in a new namespace at once" wait $!
check "both are there" test -n "$(ip -n both -br link show dev wga)" -a -n "$(ip -n both -br link show dev wgb)"
"$Q" down /run/conf/wga.conf 2>/dev/null
check "one goes" "$Q" status /run/conf/wgb.conf
"$Q" down /run/conf/wgb.conf 2>/dev/null
ip netns delete both 2>/dev/null
clean "and the other, and nothing is left"

tunnel "Namespace = vpn" "KillSwitch = boot"
check "killswitch beside Namespace is refused" sh -c "'$Q' killswitch $C 2>&1 | grep -q 'with a Namespace'"
check "and loads nothing here" sh -c '! nft list table inet wg-quick-kill'
"$Q" up $C 2>/dev/null
check "up with a kill switch loads it there" ip netns exec vpn nft list table inet wg-quick-kill
check "killswitch --lift" "$Q" killswitch --lift $C
check "lifts it there" sh -c '! ip netns exec vpn nft list table inet wg-quick-kill'
"$Q" down $C 2>/dev/null
clean "down leaves nothing"

### The underlay elsewhere
ip netns add phys
ip link set up0 netns phys
ip -n phys link set up0 up
ip -n phys link set lo up
ip -n phys address add 192.0.2.1/24 dev up0
second=$(full_picture)
tunnel "UnderlayNamespace = phys"
check "UnderlayNamespace: up" "$Q" up $C
check "it carries packets" reaches here
check "its sockets are there" has_sockets ip netns exec phys
check "and not here" test -z "$(ss -Hlun)"
check "status" "$Q" status $C
check "exec has nowhere to go" sh -c "'$Q' exec $C true 2>&1 | grep -q 'has no Namespace'"
check "down" "$Q" down $C
check "leaves nothing" same "$second" "$(full_picture)"
tunnel "UnderlayNamespace = phys" "Namespace = vpn"
check "both" "$Q" up $C
check "carry packets" reaches in_vpn
check "down" "$Q" down $C
check "leaves nothing" same "$second" "$(full_picture)"
ip -n phys link set up0 netns 1 2>/dev/null || ip -n phys link set up0 netns $$
ip netns delete phys
ip link set up0 up
ip address add 192.0.2.1/24 dev up0
ip address add fd02::1/64 dev up0
ip route add default via 192.0.2.254
ip -6 route add default via fd02::fe
ip route add 198.51.100.0/24 dev up0 table 5182

### Killed, and failing, anywhere
Q=$WG_QUICK_TESTHOOKS
before=$(full_picture)
tunnel "Namespace = vpn" "DNS = 10.66.1.1"
"$Q" up $C 2>/dev/null
WG_TEST_COUNT=/run/count "$Q" down $C 2>/dev/null
WG_TEST_COUNT=/run/count "$Q" up $C 2>/dev/null
read -r boundaries calls </run/count
"$Q" down $C 2>/dev/null
bad=
for ((n = 1; n <= boundaries; n += 3)); do
	WG_TEST_KILL_AT=$n "$Q" up $C >/dev/null 2>&1
	"$Q" down $C >$log 2>&1
	wait_for 3 test ! -e /run/wireguard/wgq.sock
	[ "$before" = "$(full_picture)" ] || { bad="$bad $n"; ip netns delete vpn 2>/dev/null; }
done
check "killed at each third of $boundaries places of up: down leaves nothing$bad" test -z "$bad"
bad=
for ((n = 1; n <= calls; n += 2)); do
	WG_TEST_FAIL_AT=$n "$Q" up $C >$log 2>&1 && bad="$bad $n-up"
	[ "$before" = "$(full_picture)" ] || { bad="$bad $n"; "$Q" down $C 2>/dev/null; }
done
check "each second of $calls changes fails: up leaves nothing$bad" test -z "$bad"
bad=
for ((n = 1; ; n += 3)); do
	"$Q" up $C 2>/dev/null
	WG_TEST_KILL_AT=$n "$Q" down $C >/dev/null 2>&1 && break
	"$Q" down $C >$log 2>&1
	[ "$before" = "$(full_picture)" ] || { bad="$bad $n"; ip netns delete vpn 2>/dev/null; }
done
check "killed at each third place of down: the next down leaves nothing$bad" test -z "$bad"
finish
