#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Only what is the tunnel's own is undone, and all that is: whatever became of its link, its rules, its
# table and its journal. Needs a wg-quick built with TESTHOOKS=1 as well.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
S=/run/wireguard-quick/wgq.state
log=/run/log
quick_setup
mkdir -p /run/hooks
before=$(picture)
# A run tries every third place where a program is killed or a journal cut, and others than the run before;
# WG_TEST_FULL tries all.
stride=3
[ -z "${WG_TEST_FULL-}" ] || stride=1
first=$(($(date +%s) % stride + 1))

says() { grep -q -e "$1" $log; }
up() { "$Q" up "$@" $C >$log 2>&1; }
down() { "$Q" down "$@" $C >$log 2>&1; }
has() { ip link show "$1" >/dev/null 2>&1; }
# Whether something ends with 0; if not, what it said.
good() { "$@" || { cat $log; return 1; }; }
bad() { ! "$@" || { cat $log; return 1; }; }
# A stranger's WireGuard interface of our name.
stranger() { "$WG_TUN" wgq && "$WG" set wgq listen-port 5999; }
stranger_goes() { ip link del wgq && wait_for 3 test ! -e /run/wireguard/wgq.sock; }
full() { conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1" "$@"; }
plain() { ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.2/32" "$@"; }

### Links
plain
if kernel_has_wireguard; then
	skip "links of a daemon" "this kernel has WireGuard"
else
	env WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1
	down
	read -r boundaries calls </run/count
	bad= tried=0
	for n in $(seq $first $stride "$boundaries"); do # bash says "Killed"
		env WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1
		# Before the journal begins there is only the file to go by, and it takes over what is there.
		[ ! -s $S ] || has wgq || [ -e /run/wireguard/wgq.sock ] || {
			tried=$((tried + 1))
			stranger
			down
			has wgq || bad="$bad $n"
			stranger_goes 2>/dev/null
		}
		down
	done 2>/dev/null
	check "a stranger's link after up was killed before its own ($tried places)" same "" "$bad"
	check "there were such places" test "$tried" -gt 0
	unchanged "which leaves nothing"
fi

up
ip link set wgq down && ip link set wgq name wgx
check "down of a renamed link" good down
unchanged "deletes it"
plain "SaveConfig = true"
up
"$WG" set wgq listen-port 5555
ip link set wgq down && ip link set wgq name wgx && ip link set wgx up
check "down of a renamed link with SaveConfig" good down
check "its file was saved" grep -q "^ListenPort" $C
unchanged "and it is deleted"

ip netns add vpn
taken=$before before=$(picture)
plain "PostUp = ip link set %i netns vpn"
up
check "up again where the link was moved is refused" bad up
check "and says where it is" says "another network namespace"
check "down of a link that was moved" good down
check "deletes it there" bad ip -n vpn link show wgq
unchanged "and leaves nothing here"
up
ip link add wgq type veth peer name wgp
check "down of a moved link whose name is a stranger's here" good down
check "deletes the moved one" bad ip -n vpn link show wgq
check "and leaves the stranger" has wgp
ip link del wgq
unchanged "nothing else is left"
plain "PostUp = ip link set %i netns vpn" "PreDown = ip -n vpn link set %i netns $$"
i=$(ip -o link | awk -F: '{ if ($1 > m) m = $1 } END { print m + 1 }')
ip -n vpn link add name v0 index "$i" type veth peer name v1 index $((i + 70))
up
check "down of a link that PreDown brings back with another index" good down
check "deletes it" bad has wgq
sed -i 's/^PostUp/SaveConfig = true\n&/' $C
up
ip netns exec vpn "$WG" set wgq listen-port 5555
check "down of one with SaveConfig" good down
check "saves it, too" grep -q "^ListenPort" $C
ip netns del vpn
before=$taken
unchanged "and leaves nothing"

plain
up
ip link del wgq
wait_for 3 test ! -e /run/wireguard/wgq.sock
stranger
"$WG" set wgq fwmark 7
down
status=$?
check "a stranger's link where ours was deleted stays" has wgq
check "which down does not pass over" test $status = 1
check "it says the way out" says "wg-quick down --force wgq"
check "the journal is kept" test -e $S
check "down --force leaves it too" bad down --force
check "that is so" has wgq
check "and forgets the tunnel" test ! -e $S
stranger_goes
unchanged "a stranger's link: nothing else is left"

### Rules
full
up
t=$(ip -4 rule | sed -n 's/^[0-9]*:.*not from all fwmark.*lookup \([0-9]*\).*/\1/p')
p=$(ip -4 rule | sed -n 's/^\([0-9]*\):.*not from all fwmark.*/\1/p')
# Of the same numbers, with one thing that is different each; the kernel itself refuses some.
ip rule add not fwmark "$t" iif up0 lookup "$t" priority "$p" protocol 87
ip rule add lookup main suppress_prefixlength 1 priority "$((p - 1))" protocol 87
others=$(ip -4 rule | grep -v -e "not from all fwmark 0x[0-9a-f]* lookup $t proto 87" \
	-e "suppress_prefixlength 0 proto 87")
check "down beside rules that look alike" good down
check "leaves them" same "$others" "$(ip -4 rule)"
ip rule del priority "$p"
ip rule del priority "$((p - 1))"
sysctl -qw net.ipv4.conf.all.src_valid_mark=0
unchanged "and nothing else"
up
ip rule del priority "$p"
ip rule add not fwmark "$t" iif up0 lookup "$t" priority "$p" protocol 87
ip rule add not fwmark "$t" lookup "$t" priority "$p" protocol 87
check "a rule that could only be deleted through a stranger's is not" bad down
check "and is named" says "rule delete.*another rule"
ip rule del iif up0 priority "$p"
check "without the stranger's, down ends" good down
unchanged "and leaves nothing"

### A route that exists
ip route add blackhole 10.9.0.0/16
plain
check "up where a route refuses what the tunnel is for" bad up
check "says where" says "10.9.0.0/16.*table 254 has a route"
ip route del blackhole 10.9.0.0/16
ip route add 10.9.0.0/16 dev up0
check "up where another interface has the route" bad up
check "says which" says "10.9.0.0/16.*File exists: .up0. has a route"
ip route del 10.9.0.0/16 dev up0
unchanged "and nothing is left"
full

### nftables
nft add table ip wg-quick-wgq
nft add chain ip wg-quick-wgq mine
theirs=$(nft -s list ruleset)
taken=$before before=$(picture)
check "up with a stranger's table of our name is refused" bad up
check "and says so" says "wg-quick-wgq is there that is not wg-quick's"
check "the table stays" same "$theirs" "$(nft -s list ruleset)"
unchanged "nothing else is left"
nft delete table ip wg-quick-wgq
before=$taken
for lost in no yes; do
	up
	nft delete table ip wg-quick-wgq
	nft add table ip wg-quick-wgq
	nft add chain ip wg-quick-wgq preraw '{ type filter hook forward priority 0; }'
	[ $lost = no ] || rm $S
	check "down with a stranger's table in the place of ours (journal lost: $lost)" good down
	check "it stays" same "table ip wg-quick-wgq" "$(nft list tables | grep -w wg-quick-wgq)"
	nft delete table ip wg-quick-wgq
	unchanged "nothing else is left"
done

### Journals that are lost, damaged, older, newer
full "PreDown = echo predown-ran" "PostDown = echo postdown-ran"
up
lines=$(wc -l <$S)
down
damage()
{
	case $1 in
	removed) rm $S ;;
	emptied) : >$S ;;
	garbage) head -c 3000 /dev/urandom >$S ;;
	garbage-behind) echo garbage >>$S ;;
	binary-behind) head -c 300 /dev/urandom >>$S; echo >>$S ;;
	newer) sed -i '1s/.*/wg-quick 2/' $S ;;
	unknown-step) sed -i 's/^step firewall/step lookout/' $S ;;
	unknown-line) sed -i 's/^link .*userspace/device & x/' $S ;;
	rules-lost) sed -i 's/^step rule/step r\x01le/' $S ;;
	world-lost) sed -i 's/^world.*/w/' $S ;;
	cut-*) sed -i "$((${1#cut-} + 1)),\$d" $S ;;
	esac
}
for d in removed emptied garbage garbage-behind binary-behind newer unknown-step unknown-line rules-lost world-lost; do
	up
	damage $d
	check "down with a journal: $d" good down
	check "the hooks of the file run" sh -c 'grep -q "^predown-ran" "$1" && grep -q "^postdown-ran" "$1"' sh $log
	unchanged "$d: nothing is left"
done
bad=
for n in $(seq $first $stride "$lines"); do
	up
	damage cut-$n
	down || bad="$bad $n:down"
	[ "$before" = "$(picture)" ] || bad="$bad $n:residue"
done
check "down with a journal that ends at lines of $lines" same "" "$bad"
up
rm $S
ip link del wgq
wait_for 3 test ! -e /run/wireguard/wgq.sock
check "down without link and journal" good down
unchanged "leaves nothing"
ALLOWED="0.0.0.0/0, ::/0" conf wgb "Address = 10.67.0.2/32"
"$Q" up /run/conf/wgb.conf >$log 2>&1
taken=$before before=$(picture)
up
rm $S
check "down without a journal, beside another full tunnel" good down
check "leaves the other as it is" same "$before" "$(picture)"
"$Q" down /run/conf/wgb.conf >$log 2>&1
before=$taken
unchanged "and with that nothing is left"
# As it was written before `up` chose the index: no line for the kernel's link.
up
sed -i '/^link [0-9]* kernel$/d' $S
check "down with a journal of the first release" good down
unchanged "leaves nothing"

### up heals
full "PostUp = touch /run/hooks/%i" "PreDown = rm /run/hooks/%i"
up
ip link del wgq
check "up where the interface has gone" good up
check "says so in one line" same 1 "$(grep -c "an earlier" $log)"
check "down" good down
unchanged "leaves nothing"
up
pkill -9 -f '(wg-tun|wireguard-go) wgq$' || ip link delete wgq
wait_for 3 sh -c '! ip link show wgq'
check "up where the daemon was killed" good up
check "down again" good down
unchanged "leaves nothing again"
full
up
pkill -9 -f '(wg-tun|wireguard-go) wgq$' || ip link delete wgq
wait_for 3 sh -c '! ip link show wgq'
rm -r /run/wireguard-quick
check "up where the journal is lost, too" good up
check "has one pair of rules" same 1 "$(ip rule | grep -c "not from all fwmark.*proto 87")"
check "down after that" good down
unchanged "leaves nothing, not even the sysctl"
up
echo garbage >>$S
ip link del wgq
check "up where the link is gone and the journal damaged" good up
check "down once more" good down
unchanged "leaves nothing once more"
env WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1
env WG_TEST_COUNT=/run/down "$WG_QUICK_TESTHOOKS" down $C >$log 2>&1
read -r boundaries calls </run/count
read -r down_boundaries calls </run/down
bad=
for n in $(seq $first $stride $((boundaries - 2))); do
	env WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1
	up || bad="$bad $n:up"
	down || bad="$bad $n:down"
	[ "$before" = "$(picture)" ] || bad="$bad $n:residue"
done 2>/dev/null
check "up after an up that was killed at places of $boundaries" same "" "$bad"
bad=
for n in $(seq $first $stride "$down_boundaries"); do
	up
	env WG_TEST_KILL_AT=$n "$WG_QUICK_TESTHOOKS" down $C >$log 2>&1
	# At the first, down has not begun, and the tunnel stands.
	up || says "already exists" || bad="$bad $n:up"
	down || bad="$bad $n:down"
	[ "$before" = "$(picture)" ] || bad="$bad $n:residue"
done 2>/dev/null
check "up after a down that was killed at places of $down_boundaries" same "" "$bad"

### A tunnel that stands
check "up --idempotent of nothing brings it up" good up --idempotent
up
check "up of a tunnel that stands is refused" same 1 $?
check "with upstream's words" says "^wg-quick: \`wgq' already exists$"
check "with --idempotent it is not" good up --idempotent
standing=$(picture)
check "nothing is done" same "$standing" "$(picture)"
rule=$(ip -4 rule | sed -n 's/^\([0-9]*\):.*suppress.*/\1/p')
ip rule del priority "$rule"
check "a rule that is missing is" bad up --idempotent
check "named" says "rule"
down
up
ip route del 10.9.0.0/16 dev wgq
check "so is a route" bad up --idempotent
check "by its destination" says "10.9.0.0/16"
down
up
"$WG" set wgq peer "$PEER" allowed-ips 10.9.0.0/16
check "so is a peer that has changed" bad up --idempotent
down
up
sed -i 's/10.66.0.2/10.66.0.3/' $C
check "so is an address" bad up --idempotent
check "of the file" says 10.66.0.3
down
unchanged "a tunnel that stands: nothing is left"

### Hooks, and --force
plain "PreDown = exit 9"
up
check "a PreDown that fails keeps the tunnel" bad down
check "names the file and the way out" sh -c 'grep -q "correct PreDown in /run/conf/wgq.conf.*wg-quick down --force wgq" "$1"' sh $log
plain "PreDown = exit 8"
check "so does one of the file that fails too" bad down
check "both are named" sh -c 'grep "stays up" "$1" | grep "exit 8" | grep -q "exit 9"' sh $log
check "the tunnel stands" has wgq
plain "PreDown = touch /run/hooks/x; rm /run/hooks/x"
check "one that works takes its place" good down
unchanged "and nothing is left"
plain "PostDown = exit 9"
up
plain "PostDown = touch /run/hooks/corrected"
check "so does a PostDown" good down
check "which ran" rm /run/hooks/corrected
unchanged "nothing is left of that either"
plain "PreDown = exit 9" "PostDown = exit 7"
up
check "down --force goes on past hooks that fail" bad down --force
check "and lists them" same 2 "$(grep -c "^Warning: not undone: hook" $log)"
unchanged "with --force nothing is left"
plain "PreDown = wg show %i fwmark"
up
ip link del wgq
wait_for 3 test ! -e /run/wireguard/wgq.sock
check "without its link a failing PreDown is a warning" good down
check "that is said" says "^Warning: hook .*interface is gone"
unchanged "and nothing is left then"

### No folder for the journal
full
mount -t tmpfs sockets /run/wireguard
mount --bind /run/conf /run/conf
mount -t tmpfs -o ro,mode=0700 none /run/wireguard-quick
check "up without a journal" good up
check "one warning" same 1 "$(grep -c "^Warning:" $log)"
check "up --idempotent knows it" good up --idempotent
check "down without a journal" good down
check "leaves no rule" same "" "$(ip rule | grep "proto 87")"
plain "PostUp = false"
check "up that fails without a journal" bad up
check "leaves no interface" bad has wgq
umount /run/wireguard-quick
umount /run/conf
umount /run/wireguard
unchanged "without a journal nothing is left"
finish
