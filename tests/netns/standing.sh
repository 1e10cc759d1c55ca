#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Whether a tunnel is as its file asks has one answer: `up --idempotent`, `status`, `diff` and `reload` agree
# on it, whatever others, hooks or the file have changed. And those that only look wait for nobody.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
S=/run/wireguard-quick/wgq.state
log=/run/log
PEER2=AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
quick_setup
before=$(picture)

# answers: what each of them says, "yes" or "no", and what is to be done.
answers()
{
	answers_up=no answers_status=no answers_diff=no answers_dry=no
	"$Q" up --idempotent $C >$log 2>&1 && answers_up=yes
	"$Q" status $C >>$log 2>&1 && answers_status=yes
	[ -n "$("$Q" diff $C 2>&1 | tee -a $log)" ] || answers_diff=yes
	[ -n "$("$Q" reload --dry-run $C 2>&1)" ] || answers_dry=yes
	echo "$answers_up $answers_status $answers_diff $answers_dry"
}

# agree ANSWER NAME COMMAND...: of a tunnel that is up, after the command.
agree()
{
	agree_answer=$1 agree_name=$2
	shift 2
	rm -f $C
	file
	"$Q" up $C >$log 2>&1
	"$@" >/dev/null 2>&1
	agree_said=$(answers)
	check "$agree_name: $agree_answer, say all" same "$agree_answer $agree_answer $agree_answer $agree_answer" "$agree_said" ||
		cat $log
	if [ "$agree_answer" = no ]; then
		"$Q" reload $C >$log 2>&1
		check "$agree_name: after a reload all say yes" same "yes yes yes yes" "$(answers)"
	else
		check "$agree_name: reload has nothing to do" same "" "$("$Q" reload $C 2>&1)"
	fi
	"$Q" down $C >$log 2>&1
}

rule() { ip rule delete priority "$(ip rule | sed -n "s/^\([0-9]*\):.*$1.*/\1/p" | head -n 1)"; }
edit() { sed -i "$@" $C; }
file() { conf wgq "Address = 10.66.0.2/24, fd66::2/128" "DNS = 1.1.1.1, corp.example" "PostDown = true"; }
agree yes "nothing" true
agree no "an address of others' deleting" ip address delete 10.66.0.2/24 dev wgq
agree no "an address of others', which the firewall table lacks" ip address add 10.68.0.1/24 dev wgq
agree no "a route that is deleted" ip route delete 10.9.0.0/16 dev wgq
agree no "the default route" ip route flush table 51820
agree yes "a route of others'" ip route add 10.70.0.0/16 dev wgq
agree no "the tunnel's rule" rule "not from all fwmark.*proto 87"
agree no "the suppressing rule" rule "suppress_prefixlength 0 proto 87"
agree no "a link that is down" ip link set wgq down
agree no "the firewall table" nft delete table ip6 wg-quick-wgq
agree no "an address in it" nft flush chain ip wg-quick-wgq preraw
agree no "the sysctl" sysctl -qw net.ipv4.conf.all.src_valid_mark=0
agree no "the mark" "$WG" set wgq fwmark 0
agree yes "a keepalive that the file never had" "$WG" set wgq peer $PEER persistent-keepalive 7
agree yes "a peer that has roamed" "$WG" set wgq peer $PEER endpoint 192.0.2.77:7
agree no "allowed IPs" "$WG" set wgq peer $PEER allowed-ips 10.9.0.0/16
agree no "a peer of others'" "$WG" set wgq peer $PEER2
agree no "a peer that is gone" "$WG" set wgq peer $PEER remove
agree yes "an MTU of others'" ip link set wgq mtu 1300
agree no "an address in the file" edit s/10.66.0.2/10.66.0.3/
agree no "an MTU in the file" edit 's/^DNS/MTU = 1333\n&/'
agree no "DNS in the file" edit s/1.1.1.1/1.1.1.2/
agree no "a hook for down in the file" edit 's/^PostDown.*/PostDown = false/'
agree no "SaveConfig in the file" edit 's/^DNS/SaveConfig = true\n&/'
agree yes "a comment in the file" edit 's/^DNS/# &/; s/^# DNS/DNS/'
agree no "an endpoint in the file" edit 's/192.0.2.9:51820/192.0.2.9:51821/'
agree yes "a lost journal, where DNS cannot be read back" rm $S
file() { conf wgq "Address = 10.66.0.2/32, fd66::2/128" "PostUp = ip link set mtu 1300 dev %i" "PostUp = $WG set %i peer $PEER persistent-keepalive 9"; }
agree yes "an MTU and a keepalive of a hook's" true
file() { conf wgq "Address = 10.66.0.2/32, fd66::2/128" "FwMark = 0xca6c"; }
agree yes "a lost journal" rm $S
agree no "a lost journal, and a table without an address" sh -c 'rm "$0"; nft flush chain ip wg-quick-wgq preraw' $S
file() { ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.2/32" "Table = 1234"; }
agree yes "an address of others'" ip address add 10.68.0.1/24 dev wgq
agree no "a route in a table" ip route flush table 1234
unchanged "nothing is left"

### What up says
file
"$Q" up $C >$log 2>&1
ip route flush table 1234
check "up --idempotent names what differs, and what helps" sh -c '! "$0" up --idempotent "$1" 2>"$2" && cat "$2" && grep -qx "wg-quick: .wgq. already exists, and not as $1 asks for: .wg-quick reload $1. would do .ip -4 route add 10.9.0.0/16 dev wgq table 1234." "$2"' "$Q" $C $log
"$Q" down $C >$log 2>&1
ip link add wgq type veth
check "a stranger's interface is none of ours" sh -c '! "$0" up --idempotent "$1" 2>"$2" && grep -qx "wg-quick: .wgq. already exists" "$2"' "$Q" $C $log
ip link del wgq

### Who only looks
file
"$Q" up $C >$log 2>&1
edit 's/^Endpoint.*/Endpoint = nowhere.example:7/'
echo "nameserver 192.0.2.53" >/run/resolv.conf
mount --bind /run/resolv.conf /etc/resolv.conf
for verb in status diff "reload --dry-run" reload; do
	# shellcheck disable=SC2086 # words
	"$Q" $verb $C >/run/looks 2>&1 &
	looks=$!
	sleep 0.5
	check "$verb waits for a resolver that is dead" kill -0 $looks
	check "$verb: down does not" timeout 5 "$Q" down $C
	kill $looks
	wait $looks
	sed 's/^Endpoint.*/Endpoint = 192.0.2.9:51820/' $C >/run/conf/first
	cp $C /run/conf/second
	cp /run/conf/first $C
	"$Q" up $C >$log 2>&1
	cp /run/conf/second $C
done
umount /etc/resolv.conf
"$Q" down $C >$log 2>&1
file
if ! kernel_has_wireguard; then
	"$Q" up $C >$log 2>&1
	daemon=$(pgrep -o -f "wg-tun wgq$")
	kill -STOP "$daemon"
	"$Q" status $C >/run/looks 2>&1 &
	looks=$!
	sleep 0.5
	check "status waits for a daemon that does not answer" kill -0 $looks
	"$Q" reload $C >$log 2>&1 &
	reloads=$!
	sleep 0.5
	check "a reload meanwhile is not refused" sh -c '! grep "another wg-quick" "$1"' sh $log
	kill -CONT "$daemon"
	wait $looks
	check "and both end well" wait $reloads
	"$Q" down $C >$log 2>&1
fi
# A unit takes a tunnel that is up as it stands, for a unit that failed could not take it down any more.
rm -f $C
file
"$Q" up $C >$log 2>&1
edit 's/10.66.0.2/10.66.0.3/'
python3 -c 'import socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/run/notify")
print(s.recv(4096).decode())' >/run/notified &
listener=$!
until [ -e /run/notify ]; do sleep 0.05; done
check "a unit's up takes a tunnel that is not as its file" \
	sh -c "NOTIFY_SOCKET=/run/notify '$Q' up --idempotent $C 2>$log && grep -q 'is up already, and not as $C asks' $log"
wait $listener
check "and says that it is up" grep -qx READY=1 /run/notified
check "anybody else's does not" sh -c "! '$Q' up --idempotent $C 2>$log"
"$Q" down $C >$log 2>&1
rm -f $C /run/notify
file

"$Q" up $C >$log 2>&1
was=$(cat $S; ls -A /run/wireguard-quick)
: >/run/bad
"$Q" down $C >$log 2>&1
looks() # the status is one of these, and an error has a message
{
	looks_text=$("$Q" status $C 2>&1)
	case $?$looks_text in
	[023]?*) ;;
	*) echo "status: $looks_text" >>/run/bad ;;
	esac
}
for round in 1 2 3 4 5 6; do
	"$Q" up $C >$log 2>&1
	for n in 1 2 3 4 5 6; do
		looks &
		"$Q" diff $C >/dev/null 2>&1 &
	done
	check "down beside many that look" "$Q" down $C
	wait
done
check "each of them says up or not up" same "" "$(cat /run/bad)"
unchanged "nothing is left"
# goes WHAT STATUS TEXT COMMAND VERB...: the command is run at each place where the verb has read something of the
# interface and goes on reading. Then the verb ends with that status, and says this of a tunnel that is not there.
goes()
{
	goes_what=$1 goes_status=$2 goes_text=$3 goes_command=$4 goes_places=0
	shift 4
	: >/run/bad
	while [ "$goes_places" -lt "${MOST-9}" ]; do
		"$Q" up $C >$log 2>&1 || cat $log >>/run/bad
		[ -z "$LOST" ] || rm -f $S
		rm -f /run/gone
		WG_TEST_FOUND_AT=$((goes_places + 1)) WG_TEST_FOUND_DO="touch /run/gone; $goes_command >/dev/null 2>&1" \
			"$WG_QUICK_TESTHOOKS" "$@" $C >/run/looks 2>&1
		goes_got=$?
		"$Q" down $C >$log 2>&1
		[ -e /run/gone ] || break
		goes_places=$((goes_places + 1))
		[ $goes_got = "$goes_status" ] && grep -q "$goes_text" /run/looks && ! grep -q "Unable\|No such" /run/looks ||
			{ echo "at $goes_places, status $goes_got:"; cat /run/looks; } >>/run/bad
	done
	check "$goes_what: at $goes_places places" sh -c '[ "$1" -gt 0 ] && [ "$1" -lt 9 ] && ! cat /run/bad | grep .' sh "$goes_places"
}
LOST=
goes "status beside down" 3 "^wgq: not up$" "$Q down $C" status
goes "diff beside a deletion" 1 "is not up: bring it up" "ip link delete wgq" diff
goes "reload --dry-run beside down" 1 "is not up: bring it up" "$Q down $C" reload --dry-run
# Looking names up comes before the lock, and reads the interface at two places.
edit 's/^Endpoint.*/Endpoint = localhost:51820/'
MOST=2 goes "reload beside down, before its lock" 1 "is not up: bring it up" "$Q down $C" reload
file
goes "up --dry-run beside down: prints the steps" 0 "ip link add dev wgq type wireguard" "$Q down $C" up --dry-run
goes "save beside a deletion" 1 "is not a WireGuard interface" "ip link delete wgq" save
LOST=yes
goes "status without a journal, beside a deletion" 3 "^wgq: not up$" "ip link delete wgq" status
LOST=
if ! kernel_has_wireguard; then
	# Something else has the place of the socket of a daemon.
	"$Q" up $C >$log 2>&1
	WG_TEST_FOUND_AT=1 WG_TEST_FOUND_DO="mount --bind /dev/null /run/wireguard/wgq.sock" \
		"$WG_QUICK_TESTHOOKS" status $C >/run/looks 2>&1
	check "status: an interface that is there and cannot be read is an error" test $? = 1
	check "which is said" grep -q "Unable to access interface wgq" /run/looks
	umount /run/wireguard/wgq.sock
	"$Q" down $C >$log 2>&1
fi
"$Q" up $C >$log 2>&1
"$Q" status $C >/dev/null 2>&1
check "status leaves the folder of journals as it is" same "$(echo "$was" | sed 's/^link.*//')" "$( (cat $S; ls -A /run/wireguard-quick) | sed 's/^link.*//')"
"$Q" down $C >$log 2>&1
if [ -x "$WG_QUICK_TESTHOOKS" ]; then
	# With test hooks, a wait under the lock over what tunnels share ends the program.
	ALLOWED=0.0.0.0/0 conf wgq "Address = 10.66.0.2/32"
	check "up waits for nobody under the shared lock" "$WG_QUICK_TESTHOOKS" up $C
	ip rule flush protocol 87
	check "reload does not" "$WG_QUICK_TESTHOOKS" reload $C
	ip rule flush protocol 87
	check "repair does not" "$WG_QUICK_TESTHOOKS" repair $C
	check "down does not" "$WG_QUICK_TESTHOOKS" down $C
else
	not_ok "there is a wg-quick built with TESTHOOKS=1"
fi
finish
