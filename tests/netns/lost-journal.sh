#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `wg-quick` where the journal of a tunnel is lost, is another tunnel's, or has no room; and `repair` of an MTU and of
# a lost interface.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
D=/run/wireguard-quick
file=/run/conf/wgq.conf
quick_setup
conf wgq "Address = 10.66.0.2/24, fd66::2/64" "PostDown = touch /run/postdown"
"$Q" up $file 2>/dev/null
"$Q" down $file 2>/dev/null
before=$(picture)

guards() # FAMILY ADDRESS: the table drops what comes for this address by other links
{
	nft list table "$1" wg-quick-wgq | grep -q "daddr $2 fib saddr type != local drop"
}

goes_by() # FAMILY ADDRESS LINK
{
	ip "-$1" route get "$2" | grep -q " dev $3 "
}

### Lost
"$Q" up $file 2>/dev/null
rm $D/*.state
check "repair of a full tunnel without a journal" "$Q" repair $file
check "leaves the firewall as strict as it was" guards ip 10.66.0.2
check "that of IPv6, too" guards ip6 fd66::2
rm $D/*.state
ip -4 rule delete not fwmark 51820 table 51820
ip -4 rule delete table main suppress_prefixlength 0
ip -4 route delete default table 51820
ip address delete 10.66.0.2/24 dev wgq
check "what others took goes past the tunnel" goes_by 4 8.8.8.8 up0
check "repair without a journal goes by the file" "$Q" repair $file
check "it leads into the tunnel again" goes_by 4 8.8.8.8 wgq
check "and the tunnel is as its file asks" "$Q" status $file
rm $D/*.state
check "a reload without a journal" "$Q" reload $file
check "keeps the firewall" guards ip 10.66.0.2
rm -f /run/postdown
check "down" "$Q" down $file
check "PostDown was run" test -e /run/postdown
unchanged "nothing is left of a tunnel without a journal"
ALLOWED=10.20.0.0/16 conf wgs "Address = 10.67.0.2/24"
"$Q" up /run/conf/wgs.conf 2>/dev/null
rm $D/*.state
check "repair of a tunnel that is not full, without a journal" "$Q" repair /run/conf/wgs.conf
check "gives it no firewall" sh -c '! nft list tables | grep wg-quick'
"$Q" down /run/conf/wgs.conf 2>/dev/null

### Lost, and the mark is cleared
for mark in "MTU = 1400" "FwMark = off"; do
	conf wgq "Address = 10.66.0.2/24, fd66::2/64" "$mark"
	"$Q" up $file 2>/dev/null
	whole=$(shape)
	rm $D/*.state
	check "repair without a journal, $mark" "$Q" repair $file
	check "finds nothing to do" same "$whole" "$(shape)"
	rm $D/*.state
	"$WG" set wgq fwmark 0
	check "repair without journal and mark, $mark" "$Q" repair $file
	check "gives the device the mark of its rules" same "$whole" "$(shape)"
	"$WG" set wgq fwmark 0
	check "repair goes by the journal that the repair before has written" "$Q" repair $file
	check "the mark is back" same "$whole" "$(shape)"
	rm $D/*.state
	"$WG" set wgq fwmark 77
	check "repair of a mark that somebody has changed" "$Q" repair $file
	check "keeps the rules" same "$(grep 'proto 87' <<<"$whole")" "$(shape | grep 'proto 87')"
	"$WG" set wgq fwmark 0
	rm $D/*.state
	check "a reload without journal and mark" "$Q" reload $file
	check "gives the mark back, too" same "$whole" "$(shape)"
	"$Q" down $file 2>/dev/null
	unchanged "nothing is left of it"
done
conf wgq "Address = 10.66.0.2/24, fd66::2/64"
"$Q" up $file 2>/dev/null
rm $D/*.state
conf wgq "Address = 10.66.0.2/24, fd66::2/64" "FwMark = 77"
whole=$(shape)
check "repair for a file that asks for another mark: an error" sh -c '! "$0" repair "$1" 2>/run/said' "$Q" $file
check "which names reload" grep -q "use: wg-quick reload $file" /run/said
check "nothing is changed" same "$whole" "$(shape)"
check "reload" "$Q" reload $file
check "packets of the new mark pass by the tunnel" sh -c 'ip route get 8.8.8.8 mark 77 | grep -q " dev up0 "'
"$Q" down $file 2>/dev/null
unchanged "nothing is left of either mark"

### Lost or damaged, and the file asks for less
narrow() # DAMAGE LINE...: repair for a file with these lines and a narrow route
{
	narrow_damage=$1
	shift
	conf wgq "Address = 10.66.0.2/24, fd66::2/64" "DNS = 1.1.1.1"
	"$Q" up $file 2>/dev/null
	$narrow_damage $D/*.state
	ALLOWED=10.20.0.0/16 conf wgq "Address = 10.66.0.2/24, fd66::2/64" "$@"
	check "repair ($narrow_damage) for a file that asks for less" "$Q" repair $file
	check "removes nothing" goes_by 4 8.8.8.8 wgq
	check "status: the tunnel differs" sh -c '"$0" status "$1"; [ $? = 2 ]' "$Q" $file
}
narrow rm "DNS = 1.1.1.1" # which cannot be read back
check "down" "$Q" down $file
unchanged "removes it all, without the journal"
narrow "sed -i s/^done/dnoe/"
check "down" "$Q" down $file
unchanged "removes it all, with a damaged journal"
narrow "sed -i s/^done/dnoe/"
check "reload" "$Q" reload $file
check "removes what the file does not ask for" goes_by 4 8.8.8.8 up0
check "the tunnel is as its file asks" "$Q" status $file
"$Q" down $file 2>/dev/null
unchanged "nothing is left of either"

### Lost, and no name can be looked up
conf wgq "Address = 10.66.0.2/24, fd66::2/64"
"$Q" up $file 2>/dev/null
whole=$(shape)
rm $D/*.state
ip -6 rule flush protocol 87
sed -i 's/^Endpoint.*/Endpoint = vpn.example:51820/' $file
check "repair without a journal waits for no name" timeout 20 "$Q" repair $file
check "puts back what is missing" same "$whole" "$(shape)"
"$Q" down $file 2>/dev/null
unchanged "nothing is left of a tunnel with a name"
conf wgq "Address = 10.66.0.2/24, fd66::2/64" "PostDown = touch /run/postdown"

### Another tunnel's
"$Q" up $file 2>/dev/null
sed 's/fd66::2/fd68::2/; s/10.66.0.2/10.68.0.2/' $file >/run/conf/wgr.conf
for f in $D/wgq*.state; do cp "$f" "${f/wgq/wgr}"; done
check "status of a tunnel that has a copy of another's journal: not up" sh -c '"$0" status "$1"; [ $? = 3 ]' "$Q" /run/conf/wgr.conf
for f in $D/wgq*.state; do cp "$f" "${f/wgq/wgr}"; done
check "down of it fails" sh -c '! "$0" down "$1"' "$Q" /run/conf/wgr.conf
check "and leaves the other one up" "$Q" status $file

### An MTU that was changed by hand
ip link set wgq mtu 1200
check "an MTU below 1280 sends IPv6 past the tunnel" goes_by 6 2001:db8::9 up0
check "repair sets the MTU" "$Q" repair $file
check "IPv6 leads into the tunnel again" goes_by 6 2001:db8::9 wgq
ip link set wgq mtu 1200
check "so does reload" "$Q" reload $file
check "with the same" goes_by 6 2001:db8::9 wgq
"$Q" down $file 2>/dev/null
conf wgq "Address = 10.66.0.2/24" "MTU = 1400"
"$Q" up $file 2>/dev/null
ip link set wgq mtu 1300
check "status: an MTU other than the file's" sh -c '"$0" status "$1"; [ $? = 2 ]' "$Q" $file
check "reload sets that of the file" "$Q" reload $file
check "it is set" grep -q 1400 /sys/class/net/wgq/mtu
"$Q" down $file 2>/dev/null
unchanged "nothing is left of a tunnel with another MTU"

### No room for it
conf wgq "Address = 10.66.0.2/24, fd66::2/64"
mount -t tmpfs -o size=4k,mode=0700 full $D
head -c 4096 /dev/zero >$D/fill
check "up without room for a journal" sh -c '"$0" up "$1" 2>/run/said' "$Q" $file
check "there is one warning" test "$(grep -c "^Warning: there is no journal of \`wgq' (cannot write .*No space left on device)" /run/said)" = 1
check "the tunnel stands" goes_by 4 8.8.8.8 wgq
ip -4 route delete default table 51820
check "repair without room" "$Q" repair $file
check "puts back what is missing" goes_by 4 8.8.8.8 wgq
sed -i 's/^Address = 10.66.0.2/Address = 10.66.0.3/' $file
check "reload without room" "$Q" reload $file
check "follows the file" sh -c 'ip address show dev wgq | grep -q 10.66.0.3/24'
check "down without room" "$Q" down $file
check "no journal is left" test "$(ls $D)" = "$(printf '@shared.lock\nfill')" -o "$(ls $D)" = fill
umount $D
unchanged "nothing is left of a tunnel without room for a journal"

# There is room for one file of the two that take part when a journal is replaced.
"$Q" up $file 2>/dev/null
rm $D/*.state
mv $D/wgq*.applied /run/
mount -t tmpfs -o size=16k,mode=0700 full $D
mv /run/wgq*.applied $D
head -c 8192 /dev/zero >$D/fill
sed -i 's/^Address = 10.66.0.3/Address = 10.66.0.2/' $file
check "reload without a journal, with room for half of what it takes" "$Q" reload $file
check "follows the file" sh -c 'ip address show dev wgq | grep -q 10.66.0.2/24'
check "and leaves no part of a journal, nor the record of the old file" test -z "$(find $D -name 'wgq*')"
check "down of it" "$Q" down $file
umount $D
unchanged "nothing is left of it"
"$Q" up $file 2>/dev/null
cp $D/wgq*.state /run/kept
state=$(echo $D/wgq*.state)
mount -t tmpfs -o size=12k,mode=0700 full $D
cp /run/kept "${state%.state}.next"
: >"$state"
head -c 8192 /dev/zero >$D/fill
check "down goes by a new journal that has no room in its place" sh -c '"$0" down "$1" >/run/said 2>&1' "$Q" $file || cat /run/said
check "and removes it" test -z "$(find $D -name 'wgq*')"
umount $D
rm -f $D/wgq*
unchanged "nothing is left of it, either"

### The interface is lost
shape_but_port() # which the data path chooses
{
	shape | grep -vxE '[0-9]+'
}
"$Q" up $file 2>/dev/null
whole=$(shape_but_port)
ip link delete dev wgq
check "status: not up" sh -c '"$0" status "$1"; [ $? = 3 ]' "$Q" $file
check "repair brings a tunnel up again whose interface is gone" "$Q" repair $file
check "as it was" same "$whole" "$(shape_but_port)"
check "it is as its file asks" "$Q" status $file
check "a second repair has nothing to do" same "" "$("$Q" repair $file 2>&1)"
"$Q" down $file 2>/dev/null
check "repair of a tunnel that was not up: an error" sh -c '! "$0" repair "$1"' "$Q" $file
unchanged "and nothing is done"
finish
