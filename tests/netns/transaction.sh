#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `up` is done wholly or not at all, `down` undoes what `up` did, and what is others' stays.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
quick_setup
mkdir -p /run/hooks
before=$(picture)

# fails STATUS PATTERN COMMAND...: it ends with that status and says so.
fails()
{
	fails_status=$1 fails_pattern=$2
	shift 2
	"$@" >$log 2>&1
	fails_found=$?
	cat $log
	[ "$fails_found" = "$fails_status" ] && grep -q -e "$fails_pattern" $log
}

says() { grep -q -e "$1" $log; }

### A failing hook in each phase
for phase in PreUp PostUp; do
	conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1" "$phase = exit 42"
	check "a failing $phase gives up its status" fails 42 "exit status 42" "$Q" up $C
	unchanged "a failing $phase leaves nothing"
done
conf wgq "Address = 10.66.0.2/32" "PostUp = touch /run/hooks/%i.up" "PostUp = false" \
	"PreDown = rm /run/hooks/%i.up" "PostDown = echo postdown-ran"
check "what PostUp did before it failed is undone by PreDown" fails 1 postdown-ran "$Q" up $C
unchanged "effects of hooks do not stay"
conf wgq "PreUp = false" "PreDown = echo predown-ran" "PostDown = echo postdown-ran"
check "PostDown runs where only PreUp began" fails 1 postdown-ran "$Q" up $C
check "PreDown does not" sh -c '! grep -q "^predown-ran" "$1"' sh $log
conf wgq "PreDown = exit 9" "PostDown = true"
check "up before a failing PreDown" "$Q" up $C
check "a failing PreDown keeps the tunnel" fails 9 "exit status 9" "$Q" down $C
check "and its interface" ip link show wgq
conf wgq "PreDown = true"
check "down once it does not fail" "$Q" down wgq
unchanged "that leaves nothing"
conf wgq "PostDown = exit 7"
check "up before a failing PostDown" "$Q" up $C
check "a failing PostDown gives down its status" fails 7 "exit status 7" "$Q" down $C
unchanged "and everything is undone"

### What the kernel or the machine refuses
ip route add 10.9.0.0/16 dev up0
taken=$before before=$(picture)
conf wgq "Address = 10.66.0.2/32"
check "a conflicting route names the command and the reason" \
	fails 1 "ip -4 route add 10.9.0.0/16 dev wgq.*File exists" "$Q" up $C
unchanged "a conflicting route leaves nothing, and stays itself"
ip route del 10.9.0.0/16 dev up0
before=$taken
conf wgq "DNS = 1.1.1.1" "DNSBackend = resolvconf"
mv /run/bin/resolvconf /run/bin/resolvconf.away
check "a missing resolvconf is status 127" fails 127 resolvconf env PATH=/run/bin:/usr/bin:/usr/sbin:/bin:/sbin "$Q" up $C
unchanged "a missing resolvconf leaves nothing"
printf '#!/bin/sh\nexit 3\n' >/run/bin/resolvconf
chmod +x /run/bin/resolvconf
check "a failing resolvconf gives up its status" fails 3 "resolvconf failed" "$Q" up $C
unchanged "a failing resolvconf leaves nothing"
mv /run/bin/resolvconf.away /run/bin/resolvconf
ip link add wgq type veth peer name wgp
check "a foreign interface of that name is refused" fails 1 "\`wgq' already exists" "$Q" up $C
check "down refuses it too" fails 1 "\`wgq' is not a WireGuard interface" "$Q" down $C
check "and leaves it alone" ip link show wgq
ip link del wgq
unchanged "all of that leaves nothing"

### Signals
conf wgq "Address = 10.66.0.2/32" "PostUp = sleep 5; sleep 5" "PostDown = touch /run/hooks/down; rm /run/hooks/down"
for signal in INT TERM HUP QUIT; do
	# env resets what a shell ignores for commands in the background.
	env --default-signal=INT,QUIT "$Q" up $C >$log 2>&1 &
	wait_for 5 says "sleep 5"
	sleep 0.1
	kill -$signal $!
	wait $!
	status=$?
	check "SIG$signal in a hook ends up with an error" test $status != 0
	check "SIG$signal: PostDown ran" says "^\[#\] touch /run/hooks/down"
	unchanged "SIG$signal leaves nothing"
done
if [ -x "$WG_QUICK_TESTHOOKS" ]; then
	conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1" "PostUp = true"
	env WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1
	"$WG_QUICK_TESTHOOKS" down $C >>$log 2>&1
	read -r boundaries calls </run/count
	bad=
	# At the last boundary the tunnel is up.
	for n in $(seq 1 $((boundaries - 2))); do
		env WG_TEST_TERM_AT=$n "$WG_QUICK_TESTHOOKS" up $C >$log 2>&1 && bad="$bad $n:up"
		[ "$before" = "$(picture)" ] || bad="$bad $n:residue"
	done
	check "SIGTERM at each of $boundaries boundaries leaves nothing" same "" "$bad"
else
	not_ok "there is a wg-quick built with TESTHOOKS=1"
fi

### Twenty at once
conf wgq "Address = 10.66.0.2/32" "PostUp = sleep 0.5"
for n in $(seq 20); do
	("$Q" up $C >/run/log.$n 2>&1; echo $? >/run/status.$n) &
done
wait
check "of twenty up at once one succeeds" same 1 "$(cat /run/status.* | grep -c '^0$')"
check "nineteen end with 1" same 19 "$(cat /run/status.* | grep -c '^1$')"
check "and say why" same 19 "$(cat /run/log.* | grep -c -e "another wg-quick is working on \`wgq'" -e "\`wgq' already exists")"
rm -f /run/status.* /run/log.*
"$Q" down $C >$log 2>&1
unchanged "then down leaves nothing"
conf wgq "PostUp = sleep 2"
"$Q" up $C >$log 2>&1 &
wait_for 5 says "sleep 2"
check "down during up is refused" fails 1 "another wg-quick is working on \`wgq'" "$Q" down $C
wait
"$Q" down $C >$log 2>&1
unchanged "then down leaves nothing again"

### The four defects of wireguard-tools' wg-quick
conf wgq "Address = 10.66.0.2/32" "FwMark = 5183"
ip rule add lookup 51830 priority 901
taken=$before before=$(picture)
check "(a) mark 5183 beside a foreign rule lookup 51830: up" "$Q" up $C
check "(a) down" "$Q" down $C
unchanged "(a) the foreign rule is still there"
ip rule del lookup 51830 priority 901
before=$taken
conf wga "Address = 10.66.1.2/32"
ALLOWED=0.0.0.0/0 conf wgb "Address = 10.66.2.2/32"
suppressing() { ip rule | grep -c "suppress_prefixlength 0"; }
check "(b) first full tunnel" "$Q" up /run/conf/wga.conf
one=$(picture)
check "(b) second full tunnel" "$Q" up /run/conf/wgb.conf
check "(b) each has its suppress rule" same 2 "$(suppressing)"
check "(b) and its table" same 2 "$(ip rule | grep -o 'lookup 5182[0-9]' | sort -u | wc -l)"
check "(b) the second goes down" "$Q" down /run/conf/wgb.conf
check "(b) the first is as it was" same "$one" "$(picture)"
check "(b) src_valid_mark is still on" same 1 "$(cat /proc/sys/net/ipv4/conf/all/src_valid_mark)"
check "(b) the first goes down" "$Q" down /run/conf/wga.conf
unchanged "(b) nothing is left"

### The file changes, the interface goes
conf wgq "Address = 10.66.0.2/32" "DNS = 1.1.1.1" "PostUp = touch /run/hooks/x" "PostDown = rm /run/hooks/x"
check "up before the file changes" "$Q" up $C
conf wgq "Address = 10.99.0.2/32" "Table = off"
check "down after the file changed" "$Q" down $C
unchanged "down undoes what up did"
check "up before the file goes" "$Q" up $C
rm $C
check "down by path after the file went" "$Q" down $C
unchanged "down needs no file"
conf wgq "Address = 10.66.0.2/32" "DNS = 1.1.1.1"
check "up before the file is broken" "$Q" up $C
echo nonsense >$C
check "down with a broken file" "$Q" down wgq
unchanged "down does not read the file"
conf wgq "Address = 10.66.0.2/32" "DNS = 1.1.1.1"
check "up before the interface goes" "$Q" up $C
ip link del wgq
sleep 0.3
check "up undoes the rest first" "$Q" up $C
check "and is up" "$Q" down wgq
unchanged "that leaves nothing behind"
check "a second down says that it is not up" fails 1 "\`wgq' is not a WireGuard interface" "$Q" down $C
"$Q" up $C >$log 2>&1
ip link del wgq
ip link add wgq type veth peer name wgp
check "down where the name is a stranger's by now" "$Q" down wgq
check "leaves the stranger" ip link show wgp
ip link del wgq
unchanged "and nothing else"

### Namespaces share /run, but for the sockets of userspace data paths
conf wgq "Address = 10.66.0.2/32" "Table = off"
check "up here" "$Q" up $C
here=$(picture)
elsewhere() # SCRIPT
{
	unshare -n -m sh -ec "mount -t tmpfs none /run/wireguard; $1" "$Q" $C "$WG_QUICK_TESTHOOKS"
}
check "the same name in another namespace comes up and goes down" elsewhere '
	"$0" up "$1"; ip link show wgq; "$0" down "$1"; ! ip link show wgq'
check "that does not touch the one here" same "$here" "$(picture)"
elsewhere 'WG_TEST_KILL_AT=20 "$2" up "$1"; :' >$log 2>&1
# The next namespace may get the inode number of the one that is gone.
check "a half made one of a namespace that is gone is no hindrance" elsewhere '
	"$0" up "$1"; "$0" down "$1"'
check "down here" "$Q" down $C
rm -f /run/wireguard-quick/*@*.state
unchanged "and nothing is left here"

### Less than upstream needs
conf wgq "Address = 10.66.0.2/32"
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
check "up with /proc/sys read-only" "$Q" up $C
cp $log /run/log.old 2>/dev/null
check "down" "$Q" down $C
"$Q" up $C >$log 2>&1
check "it warns of what may not work" says "Warning: .*rp_filter"
"$Q" down $C >$log 2>&1
umount /proc/sys
unchanged "read-only /proc/sys: nothing is left"
sysctl -qw net.ipv4.conf.all.src_valid_mark=1
mount --bind /proc/sys /proc/sys
mount -o remount,bind,ro /proc/sys
check "up with /proc/sys read-only and the right value" sh -c '"$0" up "$1" >"$2" 2>&1' "$Q" $C $log
check "warns of nothing" sh -c '! grep Warning "$1"' sh $log
check "down leaves the value that was there" "$Q" down $C
umount /proc/sys
check "src_valid_mark is still on" same 1 "$(cat /proc/sys/net/ipv4/conf/all/src_valid_mark)"
sysctl -qw net.ipv4.conf.all.src_valid_mark=0
unchanged "the right value: nothing is left"

### Never half a tunnel: IPv6 that the link cannot have
sysctl -qw net.ipv6.conf.default.disable_ipv6=1
taken=$before before=$(picture)
for default in ::/0 "::/1, 8000::/1" 2000::/3; do
	ALLOWED="0.0.0.0/0, $default" conf wgq "Address = 10.66.0.2/32, fd66::2/128"
	check "$default with IPv6 disabled for new links only fails" fails 1 "cannot be routed into \`wgq'.*disable_ipv6" "$Q" up $C
	unchanged "$default: nothing is left"
	check "--dry-run says so, too" fails 1 "cannot be routed into \`wgq'" "$Q" up --dry-run $C
done
ALLOWED="0.0.0.0/0, fd77::/64" conf wgq "Address = 10.66.0.2/32, fd66::2/128"
"$Q" up $C >$log 2>&1
check "up without default routes of IPv6" test $? = 0
check "one warning that says what is not there" same 1 "$(grep -c "Warning: IPv6 is disabled for \`wgq'.*1 address and 1 route of IPv6 are left out" $log)"
check "down with IPv6 disabled" "$Q" down $C
unchanged "IPv6 disabled: nothing is left"
sysctl -qw net.ipv6.conf.default.disable_ipv6=0
before=$taken
conf wgq "Address = 10.66.0.2/32, fd66::2/128" "PreUp = sysctl -qw net.ipv6.conf.%i.disable_ipv6=1"
check "IPv6 disabled by PreUp, for this link only, fails" fails 1 "cannot be routed into.*net.ipv6.conf.wgq.disable_ipv6" "$Q" up $C
unchanged "PreUp: nothing is left"
# all= is for links that are there.
sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.up1.disable_ipv6=0
taken=$before before=$(picture)
conf wgq "Address = 10.66.0.2/32, fd66::2/128"
check "IPv6 disabled for all links but one fails" fails 1 "cannot be routed into" "$Q" up $C
# Nothing goes out by the loopback device, which containers without IPv6 leave it.
sysctl -qw net.ipv6.conf.up1.disable_ipv6=1 net.ipv6.conf.lo.disable_ipv6=0
before=$(picture)
"$Q" up $C >$log 2>&1
check "up with IPv6 disabled for all links" test $? = 0
check "one warning" same 1 "$(grep -c "Warning: .*IPv6" $log)"
check "down" "$Q" down $C
unchanged "no IPv6: nothing is left"
sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.lo.disable_ipv6=0
ip address add fd02::1/64 dev up0
ip -6 route add default via fd02::fe
before=$(picture)

### An MTU that IPv6 cannot have
conf wgq "Address = 10.66.0.2/32, fd66::2/128" "MTU = 1279"
check "IPv6 routes and an MTU of 1279 fail" fails 1 "MTU 1279 is too small" "$Q" up $C
unchanged "MTU 1279: nothing is left"
ALLOWED=10.9.0.0/16 conf wgq "Address = 10.66.0.2/32, fd66::2/128" "MTU = 1279"
"$Q" up $C >$log 2>&1
check "up with an IPv6 address and MTU 1279" test $? = 0
check "says that the address is left out" says "Warning: IPv6 needs an MTU of 1280.*1 address.*fd66::2/128"
check "and does not say that it is added" sh -c '! grep -q "ip -6 address add" "$1"' sh $log
"$Q" down $C >$log 2>&1
ip link set up0 mtu 1280
conf wgq "Address = 10.66.0.2/32, fd66::2/128"
"$Q" up $C >$log 2>&1
check "up over a way of MTU 1280" test $? = 0
check "says once that packets are sent in fragments" same 1 "$(grep -c "Warning: the MTU of \`wgq' is 1280" $log)"
check "the address is there" sh -c 'ip -6 address show dev wgq | grep -q fd66::2'
"$Q" down $C >$log 2>&1
ip link set up0 mtu 1500
ip -6 route show default | grep -q . || ip -6 route add default via fd02::fe
before=$(picture)

### No process but hooks, the DNS tool, the data path
conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1" "PostUp = :"
strace -f -qq -e trace=execve -e signal=none -o /run/trace "$Q" up $C >$log 2>&1 &
# It follows the data path too, until that ends.
wait_for 10 grep -q ^complete /run/wireguard-quick/wgq.state
strace -f -qq -e trace=execve -e signal=none -o /run/trace.down "$Q" down $C >>$log 2>&1
wait
check "programs started" same "bash
cat
mkdir
resolvconf
rm
wg-quick
wg-tun" "$({ sed -n 's/.*execve("\([^"]*\)".* = 0$/\1/p' /run/trace /run/trace.down | sed 's|.*/||'; echo wg-tun; } | sort -u)"
unchanged "at the end nothing is left"
finish
