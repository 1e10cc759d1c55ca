#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What a program that was killed leaves in a tunnel, what others have taken from one whose journal is lost, and names
# and files that are no usual ones. Needs a wg-quick built with TESTHOOKS=1, too.
. "$(dirname "$0")/../tool.sh"
if [ ! -x "$WG_QUICK_TESTHOOKS" ]; then
	not_ok "there is a wg-quick built with TESTHOOKS=1 ($WG_QUICK_TESTHOOKS)"
	finish
fi
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
D=/run/wireguard-quick
file=/run/conf/wgq.conf
PARTING=vyH0hMKDRELHLQfDsvzFFgWvjmElabIm+ZbVDkRI8B4=
quick_setup
before=$(picture)

### The parting peer
leave_parting() { "$WG" set wgq peer $PARTING allowed-ips 10.9.1.0/24; }
has_parting() { "$WG" show wgq peers | grep -qxF $PARTING; }
has_none() { ! has_parting; }
for hook in "MTU = 1400" "PreUp = true"; do
	ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.2/24" "ListenPort = 4444" "$hook"
	"$Q" up $file 2>/dev/null
	whole=$(shape)
	leave_parting
	check "$hook: a parting peer that was left is there" has_parting
	check "$hook: it is no line of showconf" same "" "$("$WG" showconf wgq | grep -F $PARTING)"
	check "$hook: diff removes it, and plans no route for it" same "[#] wg set wgq peer $PARTING remove" "$("$Q" diff $file 2>&1)"
	check "$hook: reload" "$Q" reload $file
	check "$hook: removes it" has_none
	leave_parting
	check "$hook: repair" "$Q" repair $file
	check "$hook: removes it, too" has_none
	leave_parting
	rm $D/*.state
	check "$hook: repair without a journal" "$Q" repair $file
	check "$hook: removes it as well" has_none
	leave_parting
	check "$hook: syncconf" sh -c '"$0" strip "$2" | "$1" syncconf wgq /dev/stdin' "$Q" "$WG" $file
	check "$hook: does so, too" has_none
	check "$hook: nothing else has changed" same "$whole" "$(shape)"
	leave_parting
	check "$hook: save" "$Q" save $file
	check "$hook: writes the peer of the file" grep -qF $PEER $file
	check "$hook: and no parting peer" same "" "$(grep -F $PARTING $file)"
	"$Q" down $file 2>/dev/null
done
unchanged "parting peers: nothing is left"

### What a reload holds
one() { conf wgq "Address = 10.66.0.2/24" "FwMark = 0xca6c" "ListenPort = 4444"; }
two() { conf wgq "Address = 10.66.0.3/24" "FwMark = 0xca6d" "ListenPort = 4444"; }
held() { ip route show table all | grep 4294967294; ip rule | grep goto; ip -6 rule | grep goto; }
# stop TEXT: a reload to the other file is killed where what it holds has this text
stop()
{
	n=0
	while n=$((n + 1)); do
		WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" reload $file >/run/said 2>&1
		[ $? = 137 ] || return 1
		! held | grep -q "$1" || return 0
	done 2>/dev/null
}
one
"$Q" up $file 2>/dev/null
whole=$(shape)
two
check "a reload is killed while it holds a rule" stop goto
check "it stands in the journal" grep -q "^step exempt" $D/*.state
check "repair" "$Q" repair $file
check "removes it" same "" "$(held)"
check "from the journal, too" sh -c '! grep -qe "^step exempt" -e "^step hold" '"$D/*.state"
check "a second repair has nothing to do" same "" "$("$Q" repair $file 2>&1)"
one
check "reload, back" "$Q" reload $file
check "as it was" same "$whole" "$(shape)"

# Wherever a change of the mark is killed, the encrypted packets leave by the outer link after a repair.
leaves() # whether packets of the device's mark leave by the outer link, and others by the tunnel
{
	leaves_mark=$("$WG" show wgq fwmark)
	ip route get 8.8.8.8 mark "$leaves_mark" | grep -q " dev up0 " && ip -6 route get 2001:db8::9 mark "$leaves_mark" | grep -q " dev up0 " &&
		ip route get 8.8.8.8 | grep -q " dev wgq " && ip -6 route get 2001:db8::9 | grep -q " dev wgq "
}
other_mark() { conf wgq "Address = 10.66.0.2/24" "FwMark = 0xca6d" "ListenPort = 4444"; }
mark_is_chosen() { conf wgq "Address = 10.66.0.2/24" "ListenPort = 4444"; }
# Every second place, and the others with the next run of the tests.
first=$(($(date +%s) % 2 - 1))
for way in "one other_mark" "mark_is_chosen one"; do
	: >/run/bad
	n=$first
	while n=$((n + 2)); do
		${way% *}
		"$Q" reload $file 2>/dev/null
		${way#* }
		WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" reload $file >/run/said 2>&1
		[ $? = 137 ] || break
		"$Q" repair $file >/run/said 2>&1 || echo "$n: repair failed: $(cat /run/said)" >>/run/bad
		leaves || { echo "$n: mark $leaves_mark" && cat /run/said && ip rule; } >>/run/bad
		# A rule is held on where the device may have another mark than the rules.
		[ -z "$(held)" ] || grep -q "rules of .wgq. stay" /run/said || echo "$n: $(held)" >>/run/bad
	done 2>/dev/null
	check "$way: the tunnel does not lead into itself after a repair" same "" "$(cat /run/bad)"
	check "$way: there are such places" test $n -gt 8
done
one
"$Q" reload $file 2>/dev/null

# Its target may be another one by then.
"$Q" down $file 2>/dev/null
ip rule add priority 800 lookup 700
"$Q" up $file 2>/dev/null
two
check "a reload is killed while it holds a rule to 800" stop "goto 800"
ip rule delete priority 800
check "the next one changes its target" stop "goto 900"
check "and has no rule of the first one" sh -c '! ip rule | grep -q "goto 800"'
check "it prints which rule it deletes" grep -qx "\[#\] ip -4 rule delete fwmark 51820 priority [0-9]*" /run/said
check "reload" "$Q" reload $file
check "nothing is held" same "" "$(held)"
"$Q" down $file 2>/dev/null
unchanged "rules that are held: nothing is left"

# An address that keeps the routes is none of the tunnel's.
narrow() { ALLOWED=10.66.0.0/24 conf wgq "Address = 10.66.0.$1/24" "ListenPort = 4444"; }
sysctl -qw net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.default.promote_secondaries=0
mount --bind /proc/sys /proc/sys
mount -o remount,ro,bind /proc/sys
: >/run/bad
stops=0
n=0
while n=$((n + 1)); do
	narrow 1
	"$Q" up $file 2>/dev/null
	narrow 2
	WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" reload $file >/run/said 2>&1
	[ $? = 137 ] || break
	if ip address show dev wgq | grep -q 10.66.0.2/32; then
		stops=$((stops + 1))
		"$Q" repair $file >/run/said 2>&1 || { echo "$n: repair failed" && cat /run/said; } >>/run/bad
		ip -br address show dev wgq | grep /32 >>/run/bad
		grep -e "hold-address" -e "address .*/32" $D/*.state >>/run/bad
		ip route get 10.66.0.9 | grep -q " dev wgq " || echo "$n: the route is lost" >>/run/bad
		"$Q" reload $file >/run/said 2>&1 || { echo "$n: reload failed" && cat /run/said; } >>/run/bad
		same 10.66.0.2/24 "$(ip -br -4 address show dev wgq | tr -s " " "\n" | grep /)" >>/run/bad
	fi
	"$Q" down $file 2>/dev/null
done 2>/dev/null
check "an address that a killed reload has held is removed by repair" same "" "$(cat /run/bad)"
check "there are such places" test $stops -gt 2
"$Q" down $file 2>/dev/null
umount /proc/sys
unchanged "addresses that are held: nothing is left"

# One that cannot be removed does not undo what the reload has done. It is removed at the end.
one
"$Q" up $file 2>/dev/null
two
WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" reload $file 2>/dev/null
read -r _ calls </run/count
one
"$Q" reload $file 2>/dev/null
two
check "reload where a rule cannot be removed at the end" sh -c 'WG_TEST_FAIL_AT=$2 "$0" reload "$1" 2>/run/said' "$WG_QUICK_TESTHOOKS" $file "$calls"
check "warns" grep -q "^Warning: cannot remove a rule.*it stays until the next" /run/said
check "the tunnel is as its file asks" grep -q 0xca6d <("$WG" show wgq fwmark)
check "the journal keeps it" grep -q "^step exempt" $D/*.state
check "repair" "$Q" repair $file
check "takes it out of the journal" sh -c '! grep -q "^step exempt" '"$D/*.state"
check "then status finds nothing" "$Q" status $file
"$Q" down $file 2>/dev/null
unchanged "a rule that cannot be removed: nothing is left"

### The daemon does not answer
conf wgq "Address = 10.66.0.2/24"
"$Q" up $file 2>/dev/null
daemon=$(pgrep -f "wg-tun wgq")
kill -STOP $daemon
ip route flush table 51820
check "repair while the daemon hangs" sh -c '"$0" repair "$1" 2>/run/said' "$Q" $file || cat /run/said
check "warns" grep -q "^Warning: .*the device of .wgq. is left as it is" /run/said
check "puts the routes back" sh -c 'ip route get 8.8.8.8 | grep -q " dev wgq "'
kill -CONT $daemon
check "the tunnel is as its file asks" "$Q" status $file
"$Q" down $file 2>/dev/null
unchanged "a daemon that hangs: nothing is left"

### The journal is lost, and the file has another key
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.2/24"
"$Q" up $file 2>/dev/null
rm $D/*.state
sed -i "s|^PrivateKey.*|PrivateKey = $("$WG" genkey)|" $file
check "repair for a file with another key" "$Q" repair $file
check "journals the key that the device has" grep -qxF "key $("$WG" show wgq public-key)" $D/wgq*.state
"$Q" down $file 2>/dev/null
unchanged "another key: nothing is left"

### Journal and rules are lost
conf wgq "Address = 10.66.0.2/24, fd66::2/64"
"$Q" up $file 2>/dev/null
rm $D/*.state
ip -4 rule flush protocol 87
check "down without a journal and without the rules of IPv4" "$Q" down $file
unchanged "turns src_valid_mark off, too"

### A name that looks like an option
dash=/run/conf/-x.conf
ALLOWED=10.9.0.0/16 conf -x "Address = 10.66.0.2/24"
check "up of a tunnel whose name begins with a dash" sh -c 'cd /run/conf && "$0" up ./-x.conf' "$Q"
check "it is there" ip link show dev -x
check "reload" "$Q" reload $dash
check "down" "$Q" down $dash
unchanged "-x: nothing is left"

### A file that is none
ln -s /dev/zero /run/conf/zero.conf
for verb in up check strip; do
	check "$verb of a device fails" sh -c '! timeout 20 "$0" "$1" /run/conf/zero.conf >/run/said 2>&1' "$Q" $verb
	check "$verb says why" grep -q "it is a device: expected a configuration file" /run/said
done
mkfifo /run/conf/endless.conf
cat /dev/zero >/run/conf/endless.conf 2>/dev/null &
check "a line without an end fails" sh -c '! timeout 20 "$0" strip /run/conf/endless.conf >/run/said 2>&1' "$Q"
check "and says why" grep -q "a line of more than 16 MiB" /run/said
kill $! 2>/dev/null
finish
