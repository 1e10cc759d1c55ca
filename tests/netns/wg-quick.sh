#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# wg-quick's verbs on a real data path: what `up` prints and makes, hooks, tables, tunnels that
# another wg-quick made, help, root and completion.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
C=/run/conf/wgq.conf
log=/run/log
quick_setup
mkdir -p /run/hooks
before=$(picture)

up() { "$Q" up $C >$log 2>&1; }
says() { cat $log; grep -q -e "$1" $log; }

### What it prints
conf wgq "Address = 10.66.0.2/32, fd66::2" "DNS = 1.1.1.1, corp.example" "PreUp = : preup %i # kept" \
	"PostUp = : postup %i"
check "up" up
check "what carries the tunnel is said" says '^\[#\] # data path: \|^\[!\] Missing WireGuard'
check "the commands, in upstream's order" same "[#] ip link add dev wgq type wireguard
[#] : preup wgq # kept
[#] wg addconf
[#] ip -4 address add 10.66.0.2/32 dev wgq
[#] ip -6 address add fd66::2/128 dev wgq
[#] ip link set mtu 1420 up dev wgq
[#] resolvconf -a wgq -m 0 -x
[#] ip -4 route add 10.9.0.0/16 dev wgq
[#] wg set wgq fwmark 51820
[#] ip -6 rule add not fwmark 51820 table 51820
[#] ip -6 rule add table main suppress_prefixlength 0
[#] ip -6 route add ::/0 dev wgq table 51820
[#] nft
[#] ip -4 rule add not fwmark 51820 table 51820
[#] ip -4 rule add table main suppress_prefixlength 0
[#] ip -4 route add 0.0.0.0/0 dev wgq table 51820
[#] sysctl -q net.ipv4.conf.all.src_valid_mark=1
[#] nft
[#] : postup wgq" "$(grep '^\[#\]' $log | grep -v -e '^\[#\] [^ ]*wg-tun ' -e '^\[#\] # ' | sed 's/ addconf .*/ addconf/; s/nft .*/nft/')"
check "name servers" same "nameserver 1.1.1.1
search corp.example" "$(cat /run/resolvconf.fake/wgq)"
check "down by name, without a file in the configuration folder" "$Q" down wgq
unchanged "down leaves nothing"
cp $C /etc/wireguard/
check "up by name" "$Q" up wgq
check "down by path" "$Q" down $C
rm /etc/wireguard/wgq.conf
unchanged "nothing is left"
check "up --dry-run" sh -c '"$0" up --dry-run "$1" >"$2"' "$Q" $C $log
check "says what it would do" says "^\[#\] ip link add dev wgq type wireguard"
unchanged "and does nothing"

### Tables
ALLOWED="0.0.0.0/0, 10.9.0.0/16" conf wgq "Address = 10.66.0.2/32" "Table = off"
check "Table = off" up
check "no routes" same "" "$(ip route show table all dev wgq | grep -v 'table local')"
"$Q" down wgq >$log 2>&1
ALLOWED="0.0.0.0/0, 10.9.0.0/16" conf wgq "Address = 10.66.0.2/32" "Table = 1234"
check "Table = 1234" up
check "all routes in it" same 2 "$(ip route show table 1234 | wc -l)"
check "no rule" sh -c '! ip rule | grep suppress'
"$Q" down wgq >$log 2>&1
unchanged "tables leave nothing"

### Hooks
hook() # NAME STATUS COMMAND
{
	ALLOWED=10.9.0.0/16 conf wgq "PreUp = $3"
	echo input | "$Q" up $C >$log 2>&1
	hook_status=$?
	[ $hook_status != 0 ] || "$Q" down $C >/dev/null 2>&1
	check "hook: $1" same "$2" "$hook_status"
}
hook "stops at what fails" 1 "false; touch /run/hooks/x"
hook "a pipe fails with any part" 1 "false | true; touch /run/hooks/x"
hook "extended patterns" 0 "case abc in @(abc|d)) ;; *) false;; esac"
hook "standard input is ours" 0 '[ "$(cat)" = input ]'
hook "LC_ALL is C" 0 '[ $LC_ALL = C ]'
hook "the interface in the environment" 0 '[ $INTERFACE$WG_INTERFACE = %i%i ]'
hook "our folder comes first in PATH" 0 "case \$PATH in $(dirname "$(readlink -f "$Q")"):*) ;; *) false;; esac"
hook "an unknown program is 127" 127 "no-such-program-at-all"
hook "a signal is 128 and its number" 137 'kill -9 $$'
unchanged "failed hooks leave nothing"

### Tunnels that wireguard-tools' wg-quick made
if [ -x "$ORACLE_WG_QUICK" ]; then
	O="env PATH=$(dirname "$ORACLE_WG_QUICK"):$PATH bash $ORACLE_WG_QUICK"
	conf wgo "Address = 10.67.0.2/32, fd67::2" "DNS = 1.1.1.1" "PostDown = touch /run/hooks/o; rm /run/hooks/o"
	ALLOWED="0.0.0.0/0, ::/0" conf wgp "Address = 10.68.0.2/32" "ListenPort = 51999"
	$O up /run/conf/wgp.conf >$log 2>&1
	other=$(picture)
	check "a second one by it" $O up /run/conf/wgo.conf
	check "down of that, without a journal" "$Q" down /run/conf/wgo.conf
	check "the first one is whole" same "$other" "$(picture)"
	check "down of the first one" "$Q" down /run/conf/wgp.conf
	sysctl -qw net.ipv4.conf.all.src_valid_mark=0
	unchanged "nothing of them is left"
else
	skip "tunnels of wireguard-tools" "no $ORACLE_WG_QUICK"
fi

### Help, root, completion
for word in help -h --help; do
	check "$word" sh -c '"$0" '$word' 2>/dev/null | grep -q "^Usage: wg-quick"' "$Q"
done
check "down --help" sh -c '"$0" down --help 2>/dev/null | grep -q "^Usage: wg-quick down"' "$Q"
check "an unknown verb is status 1, on standard error" sh -c '
	out=$("$0" fly 2>/run/err); [ $? = 1 ] && [ -z "$out" ] && grep -q "^wg-quick: .*fly" /run/err' "$Q"
install -m 755 "$Q" /run/bin/wg-quick-copy
printf '#!/bin/sh\nprintf "<%%s>" "$@"\n' >/run/bin/sudo
chmod 755 /run/bin/sudo
check "without root, sudo" same "<-p><wg-quick must be run as root. Please enter the password for %u to continue: ><--></run/bin/wg-quick-copy><up><wgq>" \
	"$(setpriv --reuid 65534 --clear-groups /run/bin/wg-quick-copy up wgq)"
check "which passes on the variables that are set" same "<--preserve-env=WG_TUN_OFFLOAD><--preserve-env=WG_QUICK_USERSPACE_IMPLEMENTATION><--></run/bin/wg-quick-copy><up><wgq>" \
	"$(WG_TUN_OFFLOAD=off WG_QUICK_USERSPACE_IMPLEMENTATION=x setpriv --reuid 65534 --clear-groups /run/bin/wg-quick-copy up wgq | sed 's/^<-p><[^>]*>//')"
: >/etc/wireguard/home.conf
check "completion of a verb" same "up" "$("$Q" __complete 1 wg-quick u | cut -f 1 | grep ^up)"
check "completion of a name" same "home	down" "$("$Q" __complete 2 wg-quick up '' | grep ^home)"
finish
