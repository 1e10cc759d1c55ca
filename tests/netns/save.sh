#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SaveConfig: what `down` and `save` write, and that nothing is lost where they cannot.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
D=/run/small
C=$D/wgq.conf
log=/run/log
NEW=g7WNX3sEzxzzT/s8ggUWe3HTkP/OFYPCxPiRn0ku0kc=
PSK=FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=
quick_setup
mkdir -p $D /run/hooks
mount -t tmpfs -o size=8k,mode=0700 small $D
before=$(picture)

# saved LINE...: a file with SaveConfig, which outlives conf's.
saved()
{
	ALLOWED=${ALLOWED-10.9.0.0/16} conf wgq "SaveConfig = true" "$@"
	cat /run/conf/wgq.conf >$C
	chmod 600 $C
}
up() { "$Q" up $C >$log 2>&1 || cat $log; }
down() { "$Q" down $C >$log 2>&1; }
says() { cat $log; grep -q -e "$1" $log; }
has() { cat $C; grep -qx -e "$1" $C; }
has_not() { cat $C; ! grep -q -e "$1" $C; }
add_peer()
{
	echo $PSK >/run/psk
	"$WG" set wgq peer $NEW preshared-key /run/psk allowed-ips 10.77.0.0/16 endpoint 192.0.2.7:777 \
		persistent-keepalive 25
}
# A userspace data path lists its peers in any order.
tunnel() { picture; "$WG" showconf wgq | sort; }
# Nothing has changed since `up`, the file neither.
kept()
{
	check "$1: the tunnel is as it was" diff /run/tunnel <(tunnel)
	check "$1: the file too" same "$file" "$(cat $C)"
	check "$1: nothing lies beside it" same wgq.conf "$(ls $D | grep -v '^fill$')"
}
remember()
{
	tunnel >/run/tunnel
	file=$(cat $C)
}

### What is written
saved "Address = 10.66.0.2/32, fd66::2/128" "# a remark" "DNS = 1.1.1.1, corp.example, fd00::53" \
	"DNS = lan.example" "PostUp = : '%i & up' # kept" "PreDown = : down" "MTU = 1333"
up
add_peer
"$WG" set wgq fwmark 77
ip link set wgq mtu 1350
ip address add 10.66.5.5/24 dev wgq
now=$("$WG" showconf wgq)
check "down saves" down
check "and says so" says "^\[#\] wg showconf wgq"
unchanged "and leaves nothing"
for line in "Address = 10.66.0.2/32, fd66::2/128" "Address = 10.66.5.5/24" \
	"DNS = 1.1.1.1, corp.example, fd00::53" "DNS = lan.example" "# a remark" "MTU = 1350" "SaveConfig = true" \
	"PostUp = : '%i & up' # kept" "PreDown = : down" "FwMark = 0x4d" "PublicKey = $PEER" \
	"PublicKey = $NEW" "PresharedKey = $PSK" "AllowedIPs = 10.77.0.0/16" "PersistentKeepalive = 25" \
	"Endpoint = 192.0.2.7:777"; do
	check "saved: ${line%"$PSK"}" has "$line"
done
up
check "the saved file makes the same device" same "$(echo "$now" | grep -v ListenPort | sort)" \
	"$("$WG" showconf wgq | grep -v ListenPort | sort)"
check "and the same MTU" same 1350 "$(cat /sys/class/net/wgq/mtu)"
remember
cp -p $C /run/before
check "save of what is the same" "$Q" save $C
check "writes nothing" same "$(stat -c '%i %Y %Z' $C; cat /run/before)" "$(stat -c '%i %Y %Z' $C; cat $C)"
"$WG" set wgq peer $NEW remove
check "save while it is up" "$Q" save $C
check "forgets a peer that has gone" has_not "$NEW"
check "down" down
unchanged "and leaves nothing either"

### What is not
saved "Address = 10.66.0.2/32" "PreUp = wg set %i private-key /run/key"
sed -i /PrivateKey/d $C
echo $KEY >/run/key
PATH=$(dirname "$WG"):$PATH up
check "a key that PreUp set" same "$KEY" "$("$WG" show wgq private-key)"
check "down" down
check "is not written" has_not PrivateKey
saved "Address = 10.66.0.2/32"
up
add_peer
sed -i /SaveConfig/d $C
cp $C /run/edited
check "down where SaveConfig was taken out since" down
check "leaves the file alone" cmp $C /run/edited

### Owner and mode
for mode in 600 400 644 640; do
	saved "Address = 10.66.0.2/32"
	chown 65534:12 $C
	chmod $mode $C
	up
	add_peer
	check "down with a file of mode $mode" down
	check "makes one of this mode and of the same owner" same "$mode 65534:12 1" \
		"$(stat -c '%a %u:%g' $C) $(grep -c "$NEW" $C)"
	chown 0:0 $C
done
saved "Address = 10.66.0.2/32"
ln -s $C /etc/wireguard/wgq.conf
"$Q" up wgq >$log 2>&1
add_peer
check "down by a name that is a symbolic link" "$Q" down wgq
check "keeps the link" test -L /etc/wireguard/wgq.conf
check "and writes where it points" has "PublicKey = $NEW"
rm /etc/wireguard/wgq.conf

# A drop-in that is a symbolic link, in a folder that is one.
saved "Address = 10.66.0.2/32"
LINKED=$("$WG" genkey | "$WG" pubkey)
mkdir -p /run/own/drop-ins
printf '[Peer]\nPublicKey = %s\nAllowedIPs = 10.66.8.0/24\n' "$LINKED" >/run/own/peer
chmod 600 /run/own/peer
ln -s ../peer /run/own/drop-ins/10-peer.conf
ln -s /run/own/drop-ins $C.d
up
"$WG" set wgq peer "$LINKED" allowed-ips 10.66.9.0/24
check "save with a drop-in that is a symbolic link" "$Q" save $C
check "the drop-in is a link still" test -L /run/own/drop-ins/10-peer.conf
check "and its folder is" test -L $C.d
check "what it points to is written" grep -qx "AllowedIPs = 10.66.9.0/24" /run/own/peer
check "and nothing lies beside it" same "drop-ins peer" "$(ls /run/own | grep -v '^wgq.conf$' | tr '\n' ' ' | sed 's/ $//')"
check "down with it" down
rm -r $C.d /run/own

### A file that cannot be replaced, but overwritten
overwritten() # NAME: what `down` has just done to /run/own/wgq.conf
{
	check "$1: nothing lies beside it" same wgq.conf "$(ls ${2-$D} | grep -v '^fill$')"
	check "$1: what was new is saved" grep -q "PublicKey = $NEW" /run/own/wgq.conf
	check "$1: and nothing else is behind it" sh -c 'grep -A99 "^# the end" /run/own/wgq.conf | grep -c PublicKey | grep -qx 1'
	check "$1: owner and mode stay" same "640 65534:12" "$(stat -c '%a %u:%g' /run/own/wgq.conf)"
	unchanged "$1: nothing is left"
}
# Longer than what is saved.
own_file()
{
	saved "Address = 10.66.0.2/32"
	mkdir -p /run/own
	{ cat $C; head -c 3000 /dev/zero | tr '\0' '#'; echo; echo "# the end"; } >/run/own/wgq.conf
	chown 65534:12 /run/own/wgq.conf
	chmod 640 /run/own/wgq.conf
}
own_file
mount --bind /run/own/wgq.conf $C
up
add_peer
check "down with a file that is a mount point" down
overwritten "a mount point"
umount $C
own_file
mount --bind /run/own/wgq.conf $C
up
add_peer
check "save with a file that is a mount point" "$Q" save $C
check "is in the mounted file" grep -q "PublicKey = $NEW" /run/own/wgq.conf
"$WG" set wgq peer $NEW remove
mount -o remount,bind,ro $C
remember
down
check "a mount point that is read-only: down ends with 1" test $? = 1
check "it says why" says "^wg-quick: \`wgq' stays up: cannot save to $C: Read-only file system; or go on past it with: wg-quick down --force wgq$"
check "a read-only mount point: the tunnel is as it was" diff /run/tunnel <(tunnel)
mount -o remount,bind,rw $C
down
umount $C
own_file
mount --bind /run/own/wgq.conf $C
up
add_peer
mount -o remount,ro $D
check "down with a mounted file in a read-only folder" down
overwritten "a read-only folder"
mount -o remount,rw $D
umount $C
own_file
ln -sf /run/own/wgq.conf /etc/wireguard/wgq.conf
mount --bind /run/own/wgq.conf /run/own/wgq.conf
"$Q" up wgq >$log 2>&1
add_peer
check "down by a symbolic link to a mount point" "$Q" down wgq
overwritten "a link to a mount point" /run/own
check "the link stays" test -L /etc/wireguard/wgq.conf
umount /run/own/wgq.conf
rm /etc/wireguard/wgq.conf
# A container's root without capabilities over files.
own_file
cp -p /run/own/wgq.conf $C
chown 65534:12 $C
chmod 666 $C
chown 65534:12 $D
chmod 711 $D
up
add_peer
check "down as root that may write the file, but not make one" capsh --drop=cap_dac_override,cap_chown,cap_fowner,cap_dac_read_search -- \
	-c '"$0" down "$1"' "$Q" $C
check "what was new is saved" has "PublicKey = $NEW"
chown 0:0 $D $C
chmod 700 $D
chmod 600 $C
unchanged "no capabilities: nothing is left"
# A disk that is full when the file has to grow: what was there stays.
saved "Address = 10.66.0.2/32"
mount -t tmpfs -o size=8k,mode=0700 own /run/own
cp $C /run/own/wgq.conf
head -c 100000 /dev/zero >/run/own/fill 2>/dev/null
mount --bind /run/own/wgq.conf $C
up
for i in $(seq 80); do "$WG" set wgq peer "$("$WG" genkey | "$WG" pubkey)" allowed-ips 10.77.$i.0/24; done
remember
down
check "a full disk under a mount point: down ends with 1" test $? = 1
check "it says why" says "^wg-quick: \`wgq' stays up: cannot save to $C: No space left on device; or go on past it with: wg-quick down --force wgq$"
kept "a full disk under a mount point"
sed -i /SaveConfig/d /run/own/wgq.conf 2>/dev/null || { rm /run/own/fill; grep -v SaveConfig $C >/run/less; cat /run/less >$C; }
down
umount $C
umount /run/own
unchanged "nothing is left"

### What the link could not have
for when in before after; do
	ALLOWED=10.9.0.0/16 saved "Address = 10.66.0.2/32, fd66::2/128"
	[ $when = before ] && sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	up
	[ $when = after ] && sysctl -qw net.ipv6.conf.wgq.disable_ipv6=1
	add_peer
	check "save with IPv6 disabled $when up" "$Q" save $C
	check "keeps the address of IPv6" has "Address = 10.66.0.2/32, fd66::2/128"
	[ $when = before ] && sysctl -qw net.ipv6.conf.wgq.disable_ipv6=0
	check "down with IPv6 disabled $when up" down
	check "keeps it, too" has "Address = 10.66.0.2/32, fd66::2/128"
	sysctl -qw net.ipv6.conf.default.disable_ipv6=0
done
saved "Address = 10.66.0.2/32, fd66::2/128" "MTU = 1200"
up
check "down with an MTU that IPv6 cannot have" down
check "keeps the address of IPv6" has "Address = 10.66.0.2/32, fd66::2/128"
saved "Address = 10.66.0.2/32, fd66::2/128"
up
ip address del fd66::2/128 dev wgq
check "down after somebody removed the address" down
check "forgets it" has_not "fd66::2"
unchanged "nothing is left"

### Exclusions
full_tunnel() { ip -4 rule | grep -q "not from all fwmark.*proto 87"; }
ALLOWED='0.0.0.0/0, !192.168.0.0/16 # but the LAN' saved "Address = 10.66.0.2/32"
up
check "a default route with an exclusion is a full tunnel" full_tunnel
"$WG" set wgq peer $PEER allowed-ips +192.168.7.0/24,+fd99::/64
check "set --save of a prefix" "$Q" set --save $C peer $PEER allowed-ips +fd98::/64
check "keeps the exclusion" has "AllowedIPs = 0.0.0.0/0 # but the LAN"
"$WG" set wgq peer $PEER allowed-ips -128.0.0.0/2
was=$("$WG" show wgq allowed-ips | tr '\t ' '\n\n' | sort)
check "down saves a prefix that is taken away" down
check "as an exclusion" has "AllowedIPs = .*!128.0.0.0/2"
up
check "the next up makes the same allowed IPs" same "$was" "$("$WG" show wgq allowed-ips | tr '\t ' '\n\n' | sort)"
check "and a full tunnel" full_tunnel
remember
check "save without a change" "$Q" save $C
kept "save without a change"
down
saved "Address = 10.66.0.2/32" "Failover = yes"
printf '%s\n' "[Peer]" "PublicKey = $NEW" "AllowedIPs = 10.9.0.0/16, 10.5.0.0/16, !10.5.5.0/24" >>$C
up
remember
check "save with shared prefixes" "$Q" save $C
kept "save with shared prefixes"
down
unchanged "nothing is left"

### Another name, and no answer
if ! kernel_has_wireguard; then
	saved "Address = 10.66.0.2/32"
	up
	ip link set wgq down
	ip link set wgq name wgz up
	ip address add 10.66.5.5/24 dev wgz
	"$WG" set wgq listen-port 5556
	check "save of a link with another name" "$Q" save $C
	check "asks the daemon by its own" has "ListenPort = 5556"
	"$WG" set wgq listen-port 5555
	check "down of a link with another name" down
	check "asks the daemon by its own name" has "ListenPort = 5555"
	check "and has the link's addresses" has "Address = 10.66.5.5/24"
	unchanged "nothing is left"
	saved "Address = 10.66.0.2/32"
	up
	daemon=$(pgrep -o -f "wg-tun wgq$")
	kill -STOP "$daemon"
	down
	check "a daemon that does not answer: down ends with 1" test $? = 1
	check "it says what to do" says "stays up: .*no answer from the userspace implementation within 10 seconds; .*remove SaveConfig from $C"
	kill -CONT "$daemon"
	check "down, once it answers" down
	unchanged "nothing is left"
fi

### A file that cannot be written: the tunnel stays, so that nothing is lost
ALLOWED="0.0.0.0/0, ::/0" saved "Address = 10.66.0.2/32" "DNS = 1.1.1.1" "PreDown = : predown"
up
add_peer
remember
head -c 100000 /dev/zero >$D/fill 2>/dev/null
down
check "a full disk: down ends with 1" test $? = 1
check "a full disk: it says why" says "^wg-quick: \`wgq' stays up: cannot save to $C: No space left on device"
kept "a full disk"
rm $D/fill
mount -o remount,ro $D
down
check "a read-only folder: down ends with 1" test $? = 1
check "a read-only folder: it says why" says "^wg-quick: \`wgq' stays up: .*Read-only file system"
kept "a read-only folder"
mount -o remount,rw $D
mv $C /run/good
sed 's/^MTU.*//; $a nonsense' /run/good >$C
file=$(cat $C)
down
check "a file that is wrong by now: down ends with 1" test $? = 1
check "a file that is wrong by now: it says where" says "^wg-quick: \`wgq' stays up: $C:[0-9]*"
kept "a file that is wrong by now"
mv /run/good $C
check "down, once it can be written" down
check "it ran PreDown again" says "^\[#\] : predown"
check "what was new is saved" has "PublicKey = $NEW"
unchanged "and nothing is left"
up
rm $C
check "down after the file has gone" down
check "warns that nothing was saved" says "^Warning: .*not saved"
check "and makes no new file" same "" "$(ls $D)"
unchanged "but takes the tunnel down"
saved "Address = 10.66.0.2/32"
up
mount -o remount,ro $D
ip link del wgq
sleep 0.3
check "without its interface a tunnel goes down unsaved" down
mount -o remount,rw $D
unchanged "and leaves nothing"

### Killed
if [ -x "$WG_QUICK_TESTHOOKS" ]; then
	saved "Address = 10.66.0.2/32"
	up
	WG_TEST_COUNT=/run/count "$WG_QUICK_TESTHOOKS" down $C >$log 2>&1
	read -r boundaries calls </run/count
	bad=
	for n in $(seq "$boundaries"); do
		saved "Address = 10.66.0.2/32"
		up
		add_peer
		env WG_TEST_KILL_AT="$n" "$WG_QUICK_TESTHOOKS" down $C >$log 2>&1
		# The last one is after the end.
		down || says "is not a WireGuard interface" >/dev/null || bad="$bad $n:down"
		grep -q -e "$NEW" $C || bad="$bad $n:lost"
		[ "$before" = "$(picture)" ] || bad="$bad $n:residue"
	done 2>/dev/null # bash says "Killed"
	check "down killed at each of $boundaries boundaries loses no peer" same "" "$bad"
else
	not_ok "there is a wg-quick built with TESTHOOKS=1"
fi
finish
