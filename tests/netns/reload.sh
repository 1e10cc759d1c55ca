#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `wg-quick reload`, `diff` and `repair`: a tunnel that follows its file, and what others took from it. Needs a
# wg-quick built with TESTHOOKS=1, too.
. "$(dirname "$0")/../tool.sh"
if [ ! -x "$WG_QUICK_TESTHOOKS" ]; then
	not_ok "there is a wg-quick built with TESTHOOKS=1 ($WG_QUICK_TESTHOOKS)"
	finish
fi
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
PEER2=AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
PSK=AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
file=/run/conf/wgq.conf
quick_setup

peer2() # LINE...
{
	printf '%s\n' "[Peer]" "PublicKey = $PEER2" "$@" >>$file
}

# follows NAME: what a reload makes of the tunnel is what `up` would make of the file.
follows()
{
	check "$1: reload" "$Q" reload $file
	reloaded=$(shape)
	check "$1: a second reload has nothing to do" same "" "$("$Q" reload $file 2>&1)"
	check "$1: nor has diff" same "" "$("$Q" diff $file 2>&1)"
	"$Q" down $file 2>/dev/null
	"$Q" up $file 2>/dev/null
	check "$1: all is as \`up' makes it" diff <(shape) <(echo "$reloaded")
}

status_is() # STATUS TEXT ARGUMENT...
{
	status_expected=$1 status_text=$2
	shift 2
	"$Q" status "$@" >/run/said 2>&1
	same "$status_expected $status_text" "$? $(head -n 1 /run/said)"
}

before=$(picture)
conf wgq "Address = 10.66.0.1/24"
check "status of a tunnel that is not up" status_is 3 "wgq: not up" $file
check "a tunnel that is not up is not reloaded" sh -c '! "$0" reload "$1" 2>/run/said && grep -q "is not up: bring it up with" /run/said' "$Q" $file
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.1/24" "ListenPort = 4444" "FwMark = 0xca6c"
check "up" "$Q" up $file
check "status of a tunnel that is as its file asks" status_is 0 "wgq: up, as $file asks" $file
ip address delete 10.66.0.1/24 dev wgq
check "of one that differs" status_is 2 "wgq: up, but not as $file asks; \`wg-quick reload $file' would do:" $file
check "and how" grep -qxF "[#] ip -4 address add 10.66.0.1/24 dev wgq" /run/said
"$Q" reload $file 2>/dev/null
check "of a file that has a mistake" sh -c 'echo Nonsense >/etc/wireguard/bad.conf; "$0" status bad 2>/run/said; [ $? = 1 ] && grep -q bad.conf:1: /run/said' "$Q"
check "of all tunnels" sh -c '"$0" status >/run/said 2>&1; [ $? = 1 ] && grep -q "^bad: .*bad.conf:1:" /run/said' "$Q"
rm /etc/wireguard/bad.conf
check "of an unchanged file there is nothing to do" same "" "$("$Q" reload $file 2>&1)"

ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.1/24, 10.66.0.2/24, 10.67.0.1/16, fd66::1/64" "ListenPort = 4444" "FwMark = 0xca6c"
peer2 "AllowedIPs = 10.10.0.0/16, fd10::/64" "PersistentKeepalive = 25"
follows "addresses and a peer more"
conf wgq "Address = 10.66.0.2/24, fd66::1/64" "ListenPort = 4444" "FwMark = 0xca6c" "DNS = 1.1.1.1, corp.example" "MTU = 1380"
follows "a primary address and a peer less, DNS, an MTU, a full tunnel"
conf wgq "Address = 10.66.0.2/24, fd66::1/64" "ListenPort = 4444" "FwMark = 0xca6d" "DNS = 1.1.1.2"
follows "another mark, another server, the MTU left to be found"
ALLOWED=0.0.0.0/0 conf wgq "Address = 10.66.0.2/24, fd66::1/64" "ListenPort = 4445" "FwMark = 0xca6d" "Table = 1234"
follows "a table of its own, another port"
ALLOWED=10.66.0.0/25 conf wgq "Address = 10.66.0.2/25" "ListenPort = 4445" "FwMark = 0xca6d"
follows "a route that the address's network covers"
"$Q" down $file 2>/dev/null
unchanged "down leaves nothing"

# A full tunnel that stays one.
conf wgq "Address = 10.66.0.1/24" "FwMark = 0xca6c" "ListenPort = 4444"
"$Q" up $file 2>/dev/null
conf wgq "Address = 10.66.0.1/24, 10.66.1.1/24" "FwMark = 0xca6c" "ListenPort = 4444"
follows "a full tunnel gains an address"
conf wgq "Address = 10.66.0.9/24" "FwMark = 0xca6c" "ListenPort = 4444"
follows "it gets another one in the same network"
conf wgq "Address = 10.66.0.9/32, fd66::1/64" "FwMark = 0xca6c" "ListenPort = 4444"
follows "a network becomes an address"
conf wgq "Address = fd66::1/128" "FwMark = 0xca6c" "ListenPort = 4444"
follows "it loses the last address of IPv4, and the prefix of IPv6"
ALLOWED="0.0.0.0/0" conf wgq "Address = 10.66.0.1/24" "FwMark = 0xca6c" "ListenPort = 4444" "MTU = 1200"
follows "only IPv4, with a small MTU"
conf wgq "Address = 10.66.0.1/24, fd66::1/64" "FwMark = 0xca6c" "ListenPort = 4444" "MTU = 1400"
follows "IPv6 comes with a larger MTU"
ALLOWED=10.66.0.0/24 conf wgq "Address = 10.66.0.1/32" "FwMark = 0xca6c" "ListenPort = 4444"
follows "a route that a network covered"
"$Q" down $file 2>/dev/null
unchanged "down leaves nothing"

# The mark that a full tunnel was given goes with that.
conf wgq "Address = 10.66.0.1/24" "ListenPort = 4444"
"$Q" up $file 2>/dev/null
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.1/24" "ListenPort = 4444"
follows "a full tunnel becomes a narrow one"
"$Q" down $file 2>/dev/null

# What hooks add does not make the tunnel's own go.
conf wgq "Address = 10.66.0.1/24" "PostUp = ip address add 10.70.0.1/24 dev %i" "PostUp = ip route add 10.0.0.0/8 dev %i" "PreUp = $WG set %i peer $PEER2 allowed-ips 10.71.0.0/16"
"$Q" up $file 2>/dev/null
now=$(shape)
"$Q" reload $file 2>/dev/null
check "an unchanged file with hooks: routes, rules and peers stay" same "" "$(diff <(echo "$now") <(shape) | grep '^<')"
check "a second reload has nothing to do" same "" "$("$Q" reload $file 2>&1)"
"$Q" down $file 2>/dev/null
unchanged "down leaves nothing"

# Of two full tunnels each keeps its own rules; those by which marks pass over the others are full-tunnels.sh's.
tunnel_rules() { ip "$@" rule | grep 'proto 87' | grep -vc goto; }
conf wgr "Address = 10.67.0.1/24"
sed -i 's/10.9.0.0/10.8.0.0/' /run/conf/wgr.conf
conf wgq "Address = 10.66.0.1/24"
"$Q" up /run/conf/wgr.conf 2>/dev/null
"$Q" up $file 2>/dev/null
ALLOWED=10.9.0.0/16 conf wgr "Address = 10.67.0.1/24"
sed -i 's/10.9.0.0/10.8.0.0/' /run/conf/wgr.conf
"$Q" reload /run/conf/wgr.conf 2>/dev/null
check "the second full tunnel is as it was" same "" "$("$Q" diff $file)"
check "its rules are there" same 2 "$(tunnel_rules)"
conf wgr "Address = 10.67.0.1/24"
sed -i 's/10.9.0.0/10.8.0.0/' /run/conf/wgr.conf
check "the first one becomes full again" "$Q" reload /run/conf/wgr.conf
check "each family has its two rules for each" same "4 4" "$(tunnel_rules) $(tunnel_rules -6)"
ip rule delete priority "$(ip rule | sed -n 's/^\([0-9]*\):.*suppress_prefixlength.*/\1/p' | head -n 1)"
check "a rule that is gone is missed" sh -c '! { "$0" status "$1" && "$0" status /run/conf/wgr.conf; }' "$Q" $file
"$Q" repair $file 2>/dev/null
"$Q" repair /run/conf/wgr.conf 2>/dev/null
check "and put back" same 4 "$(tunnel_rules)"
"$Q" down $file 2>/dev/null
"$Q" down /run/conf/wgr.conf 2>/dev/null
unchanged "nothing is left"

# Where /proc/sys cannot be written, secondary addresses go with the primary one.
conf wgq "Address = 10.66.0.1/24" "FwMark = 0xca6c"
"$Q" up $file 2>/dev/null
ip address add 10.66.0.7/24 dev wgq
conf wgq "Address = 10.66.0.2/24" "FwMark = 0xca6c"
mount --bind /proc/sys /proc/sys
mount -o remount,ro,bind /proc/sys
check "another address, with /proc/sys read-only" "$Q" reload $file
umount /proc/sys
check "all that is wanted is there" same "" "$("$Q" diff $file)"
check "the default route, too" sh -c 'ip route show table 51820 | grep -q ^default'
check "and what another has added" sh -c 'ip address show dev wgq | grep -q 10.66.0.7/24'
"$Q" down $file 2>/dev/null
unchanged "nothing is left"

# Where /proc/sys is read-only, what it keeps from being done is said once.
read_only_sys()
{
	mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys
}
conf wgq "Address = 10.66.0.1/24"
read_only_sys
"$Q" up $file >/run/said 2>&1
check "up with /proc/sys read-only says what it cannot do" same 1 "$(grep -c "^Warning: cannot set net.ipv4.conf.all.src_valid_mark" /run/said)"
for verb in diff reload repair reload "up --idempotent"; do
	# shellcheck disable=SC2086 # words
	check "$verb has nothing to do" same "0 " "$("$Q" $verb $file >/run/said 2>&1; echo "$? $(cat /run/said)")"
done
check "status finds no difference" status_is 0 "wgq: up, as $file asks" $file
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.1/24"
check "it becomes a narrow one" "$Q" reload $file
conf wgq "Address = 10.66.0.1/24"
check "and a full one, which says it once more" sh -c '"$0" reload "$1" >/run/said 2>&1 && [ "$(grep -c "^Warning: cannot set" /run/said)" = 1 ]' "$Q" $file
check "a second reload has nothing to do" same "" "$("$Q" reload $file 2>&1)"
umount /proc/sys
check "once it can be set, it is missed" sh -c '"$0" diff "$1" | grep -q src_valid_mark=1' "$Q" $file
"$Q" repair $file 2>/dev/null
check "and set" same 1 "$(cat /proc/sys/net/ipv4/conf/all/src_valid_mark)"
read_only_sys
check "which a read-only /proc/sys does not undo" same "" "$("$Q" reload $file 2>&1)"
umount /proc/sys
"$Q" down $file 2>/dev/null
unchanged "nothing is left"

# Where the kernel has no nftables, `up' says so once, and no change of the file makes the tunnel differ for good.
no_nft() # socket() of netlink for netfilter fails
{
	python3 "$(dirname "$0")/without.py" "$socket:2:12=93" -- "$@"
}
case $(uname -m) in
x86_64) socket=41 ;;
aarch64 | riscv64) socket=198 ;;
*) socket= ;;
esac
if [ -n "$socket" ] && no_nft true 2>/run/said; then
	conf wgq "Address = 10.66.0.1/24"
	no_nft "$Q" up $file >/run/said 2>&1
	check "up without nftables says so" grep -q "^Warning: this kernel has no usable nftables" /run/said
	conf wgq "Address = 10.66.0.2/24"
	check "an address is changed, without another warning" sh -c '! grep -q ^Warning "$0"' <(no_nft "$Q" reload $file 2>&1)
	for verb in diff reload repair "up --idempotent"; do
		# shellcheck disable=SC2086 # words
		check "without nftables $verb has nothing to do" same "0 " "$(no_nft "$Q" $verb $file >/run/said 2>&1; echo "$? $(cat /run/said)")"
	done
	ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.2/24"
	no_nft "$Q" reload $file 2>/dev/null
	conf wgq "Address = 10.66.0.2/24"
	no_nft "$Q" reload $file >/run/said 2>&1
	check "a tunnel that becomes a full one says so" grep -q "^Warning: this kernel has no usable nftables" /run/said
	check "once" same "" "$(no_nft "$Q" reload $file 2>&1)"
	"$Q" down $file 2>/dev/null
	unchanged "nothing is left"
fi

# Where resolvconf has gone since: servers that stay need none.
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.1/24" "DNS = 1.1.1.1"
"$Q" up $file 2>/dev/null
mv /run/bin/resolvconf /run/bin/resolvconf.away
with_path() { env PATH=/run/bin:/usr/bin:/usr/sbin:/bin:/sbin "$@"; }
for verb in diff reload repair; do
	check "without resolvconf, $verb has nothing to do" same "0 " "$(with_path "$Q" $verb $file >/run/said 2>&1; echo "$? $(cat /run/said)")"
done
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.9/24" "DNS = 1.1.1.1"
check "other changes are made" with_path "$Q" reload $file
now=$(shape)
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.8/24" "DNS = 1.1.1.2"
check "other servers are not" sh -c '"$0" reload "$1" >/run/said 2>&1; [ $? = 127 ] && grep -q "there is no resolvconf" /run/said' "$Q" $file
check "and nothing is changed" same "$now" "$(shape)"
mv /run/bin/resolvconf.away /run/bin/resolvconf
check "once there is one, they are" "$Q" reload $file
"$Q" down $file 2>/dev/null
unchanged "nothing is left"

# What is not the file's stays.
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.1/24"
"$Q" up $file 2>/dev/null
"$WG" set wgq peer $PEER endpoint 192.0.2.77:7 preshared-key <(echo $PSK) persistent-keepalive 9
port=$("$WG" show wgq listen-port)
ip address add 10.68.0.1/24 dev wgq
ip route add 10.69.0.0/24 dev wgq
kept()
{
	same "192.0.2.77:7 $PSK 9 $port" "$("$WG" show wgq endpoints | cut -f 2) $("$WG" show wgq preshared-keys | cut -f 2) $("$WG" show wgq persistent-keepalive | cut -f 2) $("$WG" show wgq listen-port)" &&
		ip address show dev wgq | grep -q 10.68.0.1/24 && ip route show dev wgq | grep -q ^10.69.0.0/24
}
ALLOWED=10.9.0.0/16,10.10.0.0/16 conf wgq "Address = 10.66.0.1/24"
check "reload, after a peer roamed and others changed things" "$Q" reload $file
check "the endpoint, the keys, the port, others' address and route stay" kept
sed -i 's/^Endpoint.*/Endpoint = 192.0.2.9:51821/' $file
"$Q" reload $file 2>/dev/null
check "an endpoint that the file changes is set" same 192.0.2.9:51821 "$("$WG" show wgq endpoints | cut -f 2)"
check "and the preshared key of a hook stays" same $PSK "$("$WG" show wgq preshared-keys | cut -f 2)"
echo "PresharedKey = $KEY" >>$file
"$Q" reload $file 2>/dev/null
check "a preshared key that the file has is set" same $KEY "$("$WG" show wgq preshared-keys | cut -f 2)"
check "no key is shown" sh -c '! grep -rq "$0" /run/wireguard-quick' $KEY
sed -i /PresharedKey/d $file
check "diff hides none of the change and all of the key" sh -c '"$0" diff "$1" | grep -q "preshared-key /dev/null"' "$Q" $file
"$Q" reload $file 2>/dev/null
check "and removed once the file has it no more" same "(none)" "$("$WG" show wgq preshared-keys | cut -f 2)"
now=$(shape)
echo "Nonsense = 1" >>$file
check "a file with a mistake is refused" sh -c '! "$0" reload "$1" 2>/run/said && grep -q "wgq.conf:[0-9]*:" /run/said' "$Q" $file
check "and nothing is changed" same "$now" "$(shape)"
sed -i /Nonsense/d $file
check "--dry-run changes nothing" sh -c 'sed -i "s/10.66.0.1/10.66.0.9/" "$1" && "$0" reload --dry-run "$1" | grep -q "address add 10.66.0.9/24"' "$Q" $file
check "nothing at all" same "$now" "$(shape)"
"$Q" down $file 2>/dev/null
unchanged "down leaves nothing"

# What others took away is put back; what is not the tunnel's is not touched.
conf wgq "Address = 10.66.0.1/24, fd66::1/64"
"$Q" up $file 2>/dev/null
now=$(shape)
check "there is nothing to repair" same "" "$("$Q" repair $file 2>&1)"
for broken in "ip rule flush protocol 87" "ip -6 rule flush protocol 87" "ip route flush table 51820" "ip route delete 10.9.0.0/16" \
	"ip address delete 10.66.0.1/24 dev wgq" "ip -6 address delete fd66::1/64 dev wgq" "ip link set wgq down" "$WG set wgq fwmark 0" \
	"sysctl -qw net.ipv4.conf.all.src_valid_mark=0"; do
	$broken
	check "repair after $broken" "$Q" repair $file
	check "all is there again" diff <(echo "$now") <(shape)
done
"$Q" down $file 2>/dev/null
unchanged "down leaves nothing"

# A reload that fails at any change leaves all as it was; one that is killed can be repeated, and undone.
first()
{
	conf wgq "Address = 10.66.0.1/24, fd66::1/64" "DNS = 1.1.1.1" "ListenPort = 4444"
}
second()
{
	ALLOWED="10.9.0.0/16, 10.11.0.0/16" conf wgq "Address = 10.66.0.2/24, 10.66.0.1/24" "MTU = 1380" "ListenPort = 4444"
	peer2 "AllowedIPs = 10.10.0.0/16"
}
third()
{
	ALLOWED="10.9.0.0/16, 0.0.0.0/0" conf wgq "Address = 10.66.0.3/24" "DNS = 1.1.1.2" "ListenPort = 4444"
}
# Every second place, and the others with the next run of the tests; none in a machine, where one takes seconds.
stride=2
first=$(($(date +%s) % stride))
each_failure() # FROM TO
{
	$1
	"$WG_QUICK_TESTHOOKS" up $file 2>/dev/null
	$2
	rm -f /run/count
	WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" reload $file 2>/dev/null
	read -r boundaries calls </run/count
	$1
	"$Q" reload $file 2>/dev/null
	now=$(shape)
	: >/run/bad
	for n in $(seq $((1 + first)) $stride "$calls"); do
		$2
		# A removal that is reported as failed, and after which nothing is there, has not failed. What was held
		# and could not be removed is a warning, and the one difference that is left.
		if WG_TEST_FAIL_AT=$n "$WG_QUICK_TESTHOOKS" reload $file >/run/log 2>&1; then
			"$Q" diff $file >/run/differs 2>&1
			! grep -q "it stays until the next" /run/log || sed -i -e '/^\[#\] ip -[46] rule delete fwmark [0-9]* priority [0-9]*$/d' -e '/^\[#\] ip -[46] route delete .* metric 4294967294$/d' /run/differs
			[ ! -s /run/differs ] || { echo "$n: reload ended with 0, and the tunnel differs:" && cat /run/differs /run/log; } >>/run/bad
			$1
			"$Q" reload $file 2>/dev/null
		fi
		diff <(echo "$now") <(shape) >/run/difference || { echo "failure $n:" && cat /run/difference /run/log; } >>/run/bad
		$1
		[ -z "$("$Q" diff $file 2>&1)" ] || { echo "failure $n, diff:" && "$Q" diff $file 2>&1; } >>/run/bad
	done
	check "$1 to $2: after a failure at any of $calls changes all is as before" same "" "$(cat /run/bad)"
	: >/run/bad
	$2
	"$Q" reload $file 2>/dev/null
	wanted=$(shape)
	for n in $(seq $((1 + first)) $stride "$boundaries"); do
		$1
		"$Q" reload $file 2>/dev/null
		$2
		WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" reload $file >/run/log 2>&1
		"$Q" reload $file >/run/log 2>&1 || { echo "killed at $n:" && cat /run/log; } >>/run/bad
		diff <(echo "$wanted") <(shape) >/run/difference || { echo "killed at $n:" && cat /run/difference /run/log; } >>/run/bad
	done 2>/dev/null
	check "$1 to $2: killed at any of $boundaries places, it can be repeated" same "" "$(cat /run/bad)"
	: >/run/bad
	for n in $(seq $((1 + first)) $stride "$boundaries"); do
		$2
		WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" reload $file >/run/log 2>&1
		"$Q" down $file >>/run/log 2>&1
		diff <(echo "$before") <(picture) >/run/difference || { echo "killed at $n:" && cat /run/difference /run/log; } >>/run/bad
		$1
		"$Q" up $file >/run/log 2>&1 || { echo "up after $n:" && cat /run/log; } >>/run/bad
	done 2>/dev/null
	check "$1 to $2: killed at any of $boundaries places, down leaves nothing" same "" "$(cat /run/bad)"
	"$Q" down $file 2>/dev/null
}
if [ -z "${WG_TEST_VM-}" ]; then
	each_failure first second
	each_failure second third
fi

# A step that was only begun replaces nothing: a reload is killed as it begins the table, and the next one fails.
conf wgq "Address = 10.66.0.1/24" "DNS = 1.1.1.1"
now=
for n in $(seq 1 60); do
	sed -i 's/10.66.0.2/10.66.0.1/' $file
	"$Q" up $file 2>/dev/null
	[ -n "$now" ] || now=$(nft list table ip wg-quick-wgq)
	sed -i 's/10.66.0.1/10.66.0.2/' $file
	WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" reload $file 2>/dev/null
	tail -n 1 /run/wireguard-quick/wgq*.state | grep -q '^step firewall 4' && break
	"$Q" down $file 2>/dev/null
done 2>/dev/null
check "a reload is killed as it begins the firewall table" test "$n" -lt 60
cp $file /run/conf/narrow
sed 's/^DNS.*/DNS = 1.1.1.2/' /run/conf/narrow >$file
WG_TEST_FAIL_AT=1 "$WG_QUICK_TESTHOOKS" reload $file >/run/log 2>&1
check "after one that fails next the table is as before" same "$now" "$(nft list table ip wg-quick-wgq)" || cat /run/log
nft delete table ip wg-quick-wgq
check "and repair" "$Q" repair $file
check "puts back that table" same "$now" "$(nft list table ip wg-quick-wgq)"
"$Q" down $file 2>/dev/null
unchanged "nothing is left"

# resolvconf fails for good: all but DNS is as before.
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.1/24" "DNS = 1.1.1.1"
"$Q" up $file 2>/dev/null
now=$(shape | grep -v 1.1.1.1)
conf wgq "Address = 10.66.0.2/24"
mv /run/bin/resolvconf /run/bin/resolvconf.good
printf '#!/bin/sh\nexit 7\n' >/run/bin/resolvconf
chmod +x /run/bin/resolvconf
check "a reload with a resolvconf that fails" sh -c '"$0" reload "$1" >/run/said 2>&1; [ $? != 0 ]' "$Q" $file
mv /run/bin/resolvconf.good /run/bin/resolvconf
check "leaves all but DNS as it was" diff <(echo "$now") <(shape | grep -v 1.1.1.1)
"$Q" down $file 2>/dev/null
rm -f /run/resolvconf.fake/*
unchanged "nothing is left"
finish
