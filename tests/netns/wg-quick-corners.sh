#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# wg-quick where things are not as they should be: odd callers, odd hooks, full disks, others' hands.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
narrow=10.77.0.0/24
quick_setup
before=$(picture)

# ends STATUS PATTERN COMMAND...: it ends with that status and says so.
ends()
{
	ends_status=$1 ends_pattern=$2
	shift 2
	"$@" >$log 2>&1
	ends_found=$?
	cat $log
	[ "$ends_found" = "$ends_status" ] && grep -q -e "$ends_pattern" $log
}

commands() { grep '^\[#\] \(ip\|wg\|nft\|sysctl\|resolvconf\) ' "$1"; }

### A dry run is what will happen
conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1"
"$Q" up --dry-run $C >/run/dry 2>&1
unchanged "a dry run changes nothing"
"$Q" up $C >/run/wet 2>&1
check "a dry run of a full tunnel prints what up does" same "$(commands /run/wet)" "$(commands /run/dry)"
"$Q" down $C >$log 2>&1
unchanged "down leaves nothing"

### Odd callers
ALLOWED=$narrow conf wgq "Address = 10.66.0.2/32" "PostUp = true"
# A shell cannot leave it ignored for what it starts.
check "up by a parent that ignores SIGCHLD" perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$Q" up $C
check "down by such a one" perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$Q" down $C
unchanged "an ignored SIGCHLD leaves nothing"

check "up without standard streams" sh -c 'exec <&- >&- 2>&-; exec "$0" "$@"' "$Q" up $C
check "down without them" sh -c 'exec <&- >&- 2>&-; exec "$0" "$@"' "$Q" down $C
unchanged "closed streams leave nothing"
check "up into a full disk" sh -c 'exec >/dev/full 2>&1; exec "$0" "$@"' "$Q" up $C
check "down into one" sh -c 'exec >/dev/full 2>&1; exec "$0" "$@"' "$Q" down $C
unchanged "a full disk for output leaves nothing"
(
	ulimit -f 0
	# The shell's own output would be limited, too.
	exec "$Q" up $C
) >/dev/null 2>&1
check "a limit on the size of files: up fails" test $? = 1
unchanged "and leaves nothing"

### Hooks that use the tools
ALLOWED=$narrow conf wgq "Address = 10.66.0.2/32" "SaveConfig = true" "PostUp = $Q save %i" \
	"PreDown = $WG set %i listen-port 5555; $Q save %i" "PostDown = $Q save %i || touch /run/unsaved"
cp -p $C /etc/wireguard/wgq.conf
check "a hook saves its own tunnel" "$Q" up wgq
check "so does PreDown" "$Q" down wgq
check "that it did" grep -q "ListenPort = 5555" /etc/wireguard/wgq.conf
check "but not once it is gone" test -e /run/unsaved
unchanged "it leaves nothing"
rm -f /etc/wireguard/wgq.conf /run/unsaved
ALLOWED=$narrow conf wgq "PostUp = $Q down $C"
check "a hook cannot take its own tunnel down" ends 1 "another wg-quick is working on" "$Q" up $C
unchanged "and then nothing is left"
ALLOWED=$narrow conf wgo "Address = 10.67.0.1/32"
conf wgq "Address = 10.66.0.2/32" "PreUp = $Q up /run/conf/wgo.conf" "PostUp = $WG set %i listen-port 5555" \
	"PostUp = $WG syncconf %i <($Q strip $C)" "PostDown = $Q down /run/conf/wgo.conf"
check "hooks bring another tunnel up" "$Q" up $C
check "both are there" same "wgo wgq" "$("$WG" show interfaces | tr ' ' '\n' | sort | xargs)"
check "and down" "$Q" down $C
unchanged "both are gone"
ALLOWED=$narrow conf wgq "PostUp = sleep 30 & echo \$! >/run/daemon"
check "a hook leaves a daemon behind" "$Q" up $C
check "which has none of our files open" test -z "$(ls -l /proc/$(cat /run/daemon)/fd | grep wireguard-quick)"
check "and holds no lock" "$Q" down $C
kill "$(cat /run/daemon)"
unchanged "the daemon apart, it leaves nothing"

### A session that dies
ALLOWED=$narrow conf wgq "Address = 10.66.0.2/32" "PostUp = sleep 5" \
	"PostDown = kill -HUP \$\$ \$PPID; sleep 0.2; touch /run/whole"
rm -f /run/whole
env --default-signal=HUP "$Q" up $C >$log 2>&1 &
wait_for 5 grep -q "sleep 5" $log
sleep 0.1
kill -HUP $!
wait $!
check "a hangup takes up back" test $? != 0
check "hooks of the undo outlive further hangups" test -e /run/whole
unchanged "a hangup leaves nothing"
ALLOWED=$narrow conf wgq "PreDown = kill -HUP \$\$ \$PPID; sleep 0.2" "PostDown = touch /run/gone"
"$Q" up $C >$log 2>&1
check "down outlives its session" env --default-signal=HUP "$Q" down $C
check "to its end" test -e /run/gone
unchanged "it leaves nothing"

### The state folder
mv /run/wireguard-quick /run/kept
refused="not a folder that only we can write to"
ALLOWED=0.0.0.0/0 conf wgq "Address = 10.66.0.2/32"
mkdir -m 0777 /run/wireguard-quick
check "a state folder that all can write to is refused" ends 1 "$refused" "$Q" up $C
chmod 0700 /run/wireguard-quick
chown nobody /run/wireguard-quick
check "so is a stranger's" ends 1 "$refused" "$Q" up $C
mv /run/wireguard-quick /run/strange
ln -s strange /run/wireguard-quick
check "so is a link" ends 1 "$refused" "$Q" up $C
rm /run/wireguard-quick
mkdir -m 0700 /run/wireguard-quick
ln -s /run/victim /run/wireguard-quick/wgq.state
check "so is a state file that is a link" ends 1 "wgq.state" "$Q" up $C
check "which is not followed" test ! -e /run/victim
rm -r /run/wireguard-quick
"$Q" up $C >$log 2>&1
echo garbage >>/run/wireguard-quick/wgq.state
check "a broken state file is named, and down goes on" ends 0 "wgq.state: line" "$Q" down $C
cp $C /run/conf/.shared.conf
check "a tunnel named .shared" "$Q" up /run/conf/.shared.conf
check "goes down" "$Q" down /run/conf/.shared.conf
unchanged "the state folder: nothing is left"

### A full disk
mount -t tmpfs -o size=16k,mode=0700 full /run/wireguard-quick
bad= ups=
# From room for the end of the journal to none for its beginning.
for pad in $(seq 2700 53 3600); do
	ALLOWED=0.0.0.0/0 conf wgq "Address = 10.66.0.2/32" "PreDown = true" "PostDown = true" "PostUp = true" \
		"PreUp = cat /dev/zero >/run/wireguard-quick/fill 2>/dev/null || : $(head -c $pad /dev/zero | tr '\0' x)"
	"$Q" up $C >$log 2>&1 && ups="$ups $pad" && { "$Q" down $C >$log 2>&1 || bad="$bad $pad:down"; }
	rm -f /run/wireguard-quick/fill
	[ "$before" = "$(picture)" ] || { bad="$bad $pad:residue"; "$Q" down $C >$log 2>&1; }
done
check "a state folder on a full disk leaves nothing" same "" "$bad"
check "with room enough up succeeds" test -n "$ups"
check "without it does not" test "$(echo "$ups" | wc -w)" -lt 17
umount /run/wireguard-quick
unchanged "nothing at all"

### A data path that is slow to start
if ! kernel_has_wireguard; then
	ALLOWED=$narrow conf wgq "Address = 10.66.0.2/32"
	printf '#!/bin/sh\ntouch /run/starting\nsleep 0.5\nexec "$WG_TUN" "$@"\n' >/run/bin/slow-go
	chmod +x /run/bin/slow-go
	WG_QUICK_USERSPACE_IMPLEMENTATION=slow-go "$Q" up $C >$log 2>&1 &
	wait_for 5 test -e /run/starting
	kill -KILL $!
	wait $! 2>/dev/null
	check "down after up was killed while the data path started" "$Q" down $C
	sleep 0.7
	unchanged "nothing comes up later"
	printf '#!/bin/sh\nexit 7\n' >/run/bin/slow-go
	check "a data path that fails gives up its status" \
		ends 7 "slow-go failed with exit status 7" env WG_QUICK_USERSPACE_IMPLEMENTATION=slow-go "$Q" up $C
	check "a path may name it" env WG_QUICK_USERSPACE_IMPLEMENTATION="$WG_TUN" "$Q" up $C
	"$Q" down $C >$log 2>&1
	unchanged "data paths leave nothing"
fi

### Another name
ALLOWED=$narrow conf wgq "Address = 10.66.0.2/32"
"$Q" up $C >$log 2>&1
ip link set wgq down
ip link set wgq name wgz up
check "down finds a link that was renamed" "$Q" down $C
unchanged "and leaves nothing"
if kernel_has_wireguard; then
	ALLOWED=$narrow conf wgq "Address = 10.66.0.2/32" "SaveConfig = true"
	"$Q" up $C >$log 2>&1
	ip link set wgq down
	ip link set wgq name wgz up
	"$WG" set wgz listen-port 5555
	check "down saves it" "$Q" down $C
	check "all of it" grep -q "ListenPort = 5555" $C
	unchanged "and leaves nothing again"
fi

### A signal while another tunnel holds what is shared
ALLOWED=0.0.0.0/0 conf wgq "Address = 10.66.0.2/32"
flock /run/wireguard-quick/@shared.lock sleep 5 &
wait_for 5 sh -c '! flock -n /run/wireguard-quick/@shared.lock true'
env --default-signal=INT "$Q" up $C >$log 2>&1 &
wait_for 5 grep -q "^step link" /run/wireguard-quick/wgq.state
sleep 0.5
kill -INT $!
check "SIGINT ends the wait" wait_for 2 sh -c '! kill -0 $0 2>/dev/null' $!
check "and says so" grep -q "interrupted by SIGINT" $log
wait
unchanged "and leaves nothing"

### Other people's rules leave no priority
order() # RULE...: where ours stand among all of IPv4 while the tunnel is up
{
	for order_rule; do
		ip rule add $order_rule
	done
	order_before=$(picture)
	"$Q" up $C >$log 2>&1 || cat $log
	ip rule | sed -n 's/.*\(suppress\).*/\1/p; s/.*not from all fwmark.*/tunnel/p' | xargs
	"$Q" down $C >$log 2>&1 || cat $log
	[ "$order_before" = "$(picture)" ] || echo "down leaves something"
	for order_rule; do
		ip rule del $order_rule
	done
}
ALLOWED=0.0.0.0/0 conf wgq "Address = 10.66.0.2/32"
check "rules stand in their order" same "suppress tunnel" "$(order)"
check "also behind a second rule of priority 1" same "suppress tunnel" "$(order "priority 1 lookup 77")"
check "also behind one of priority 0" same "suppress tunnel" "$(order "priority 0 lookup 77")"
ip rule del priority 0
check "also where the local table's is not first" same "suppress tunnel" "$(order "priority 5 lookup local")"
ip rule add priority 0 lookup local
unchanged "rules leave nothing"

finish
