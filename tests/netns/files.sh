#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# not in a machine: what it asks of the kernel, save.sh and reload.sh ask there
# The file of a tunnel: `save' changes nothing that need not change, `set --save' changes device and file or
# neither, drop-ins, keys in other files, exclusions from AllowedIPs, Routes and RouteMetric.
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK
D=/run/own
C=$D/wgq.conf
log=/run/log
NEW=g7WNX3sEzxzzT/s8ggUWe3HTkP/OFYPCxPiRn0ku0kc=
PSK=FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE=
quick_setup
mkdir -p -m 700 $D
before=$(picture)

quick() { "$Q" "$@" >$log 2>&1; }
up() { "$Q" up $C >$log 2>&1 || cat $log; }
says() { cat $log; grep -q -e "$1" $log; }
fails() { ! "$@"; }
tunnel() { "$WG" showconf wgq | tr -d , | tr ' ' '\n' | sort; }
# The file is `cat's standard input.
write() { mkdir -p "$(dirname "${1-$C}")"; cat >"${1-$C}"; chmod 600 "${1-$C}"; }
device_has() { "$WG" show wgq dump | grep -q -F -e "$1"; }
alone_there() { same "$1" "$(ls -A $D)"; }

### Nothing changes that need not
odd_file()
{
	printf '\xef\xbb\xbf# Office, do not edit\r\n\r\n[interface]  # us\r\nSaveConfig = true\r\n'
	printf 'ADDRESS = 10.66.0.2/24,fd66::2/128 # two\r\nPrivateKey=%s\r\n\tMTU = 1380\r\n' $KEY
	printf 'PostUp = : "%%i" # not a comment\r\n\r\n# Anna\r\n[Peer]\r\nName = x\r\n' | grep -v '^Name'
	printf 'Allowed IPs = 10.9.1.1/16, !10.9.8.0/24\r\nPublicKey = %s\r\n' $PEER
	printf 'Endpoint = localhost:51820 # at home\r\n\r\n# the end'
}
odd_file | write
cp -p $C /run/original
up
check "a peer roams" "$WG" set wgq peer $PEER endpoint 192.0.2.77:7
check "down with SaveConfig" quick down $C
check "leaves the file as it was, byte for byte" cmp $C /run/original
check "and does not touch it" same "$(stat -c %y /run/original)" "$(stat -c %y $C)"
up
"$WG" set wgq peer $NEW allowed-ips 10.77.0.0/16
check "down with a new peer" quick down $C
check "appends it, and changes nothing else" same "$(
	odd_file
	printf '\r\n\r\n[Peer]\r\nPublicKey = %s\r\nAllowedIPs = 10.77.0.0/16' $NEW
	echo x)" "$(cat $C; echo x)"
up
"$WG" set wgq peer $NEW remove
check "save once it has gone" quick save $C
check "is the file from before" cmp $C /run/original
check "down" quick down $C
unchanged "and nothing is left"

### set --save
write <<END
[Interface]
# ours
PrivateKey = $KEY
Address = 10.66.0.2/32
MTU = 1400
ListenPort = 5555
[Peer] # Anna
PublicKey = $PEER
Endpoint = 192.0.2.9:51820
AllowedIPs = 10.9.0.0/16
END
up
check "set --save" quick set $C peer $PEER persistent-keepalive 9 endpoint localhost:9 --save
check "changes the device" device_has "9"
check "and the file" same "$(sed 's/^Endpoint.*/Endpoint = localhost:9/; $a PersistentKeepalive = 9' <<<"$(
	printf '%s\n' "[Interface]" "# ours" "PrivateKey = $KEY" "Address = 10.66.0.2/32" "MTU = 1400" "ListenPort = 5555" \
		"[Peer] # Anna" "PublicKey = $PEER" "Endpoint = x" "AllowedIPs = 10.9.0.0/16")")" "$(cat $C)"
check "the option may come first" quick set --save $C peer $NEW allowed-ips 10.77.0.0/16,!10.77.4.0/22
check "and a new peer is in both" sh -c 'grep -q "$1" "$3" && "$2" show wgq peers | grep -q "$1"' - $NEW "$WG" $C
check "reload finds nothing to do" same "" "$("$Q" diff $C 2>&1 | grep -v 'ip -4 route')"
check "set without it" quick set $C peer $NEW persistent-keepalive 77
check "leaves the file alone" fails grep -q 77$ $C
cp -p $C /run/edited
tunnel >/run/tunnel
check "words that are wrong" fails quick set $C peer $NEW allowed-ips 10.0.0.0/99 --save
check "change neither the file" cmp $C /run/edited
mount --bind $C $C
mount -o remount,bind,ro $C
check "a file that cannot be replaced" fails quick set $C peer $PEER remove --save
check "it says why" says "cannot save to $C: Read-only file system"
umount $C
check "nor the device" diff /run/tunnel <(tunnel)
check "nor does anything lie beside it" alone_there wgq.conf
check "save still works" quick set $C listen-port 5556 peer $NEW remove --save
check "with the last word of both" sh -c 'grep -q "^ListenPort = 5556$" "$1" && ! grep -q "$2" "$1"' - $C $NEW
check "down" quick down $C
check "set --save of a tunnel that is down" fails quick set $C listen-port 1 --save
check "leaves the file" grep -q "^ListenPort = 5556$" $C
unchanged "and nothing is left"

### Drop-ins
write <<END
[Interface]
PrivateKey = $KEY
Address = 10.66.0.2/32
ListenPort = 5555
END
printf '# Anna\n[Peer]\nPublicKey = %s\nAllowedIPs = 10.9.0.0/16 # hers\n' $PEER | write $C.d/20-anna.conf
printf '[Interface]\nMTU = 1350\n[Peer]\nPublicKey = %s\nAllowedIPs = 10.77.0.0/16' $NEW | write $C.d/10-bert.conf
echo nonsense | write $C.d/notes.txt
up
check "peers of drop-ins" same 2 "$("$WG" show wgq peers | wc -l)"
check "and a setting" same 1350 "$(cat /sys/class/net/wgq/mtu)"
check "and routes" ip route get 10.77.1.1 oif wgq
check "status agrees" "$Q" status $C
"$WG" set wgq peer $PEER allowed-ips 10.9.0.0/16,10.10.0.0/16 peer $NEW remove peer $PSK allowed-ips 10.11.0.0/16
check "save" quick save $C
check "changes a peer where it stands" same "# Anna
[Peer]
PublicKey = $PEER
AllowedIPs = 10.9.0.0/16, 10.10.0.0/16 # hers" "$(cat $C.d/20-anna.conf)"
check "removes one where it stood" same $'[Interface]\nMTU = 1350' "$(cat $C.d/10-bert.conf)"
check "adds one to the main file" grep -q "^PublicKey = $PSK" $C
cp $C /run/edited
tunnel >/run/tunnel
mount --bind $C.d/20-anna.conf $C.d/20-anna.conf
mount -o remount,bind,ro $C.d/20-anna.conf
check "set of what two files have, of which one cannot be written" \
	fails quick set $C listen-port 5557 peer $PEER persistent-keepalive 3 --save
check "changes neither the other" cmp $C /run/edited
check "nor the device" diff /run/tunnel <(tunnel)
umount $C.d/20-anna.conf
rm $C.d/20-anna.conf
check "diff sees that a drop-in has gone" sh -c '"$1" diff "$2" 2>&1 | grep -q "peer $3 remove"' - "$Q" $C $PEER
check "reload" quick reload $C
check "follows" fails device_has $PEER
check "strip prints all files" same "3 0" "$("$Q" strip $C | grep -c '^\[') $("$Q" strip $C | grep -c MTU)"
printf '[Peer]\nPublicKey = oops\n' | write $C.d/30.conf
check "an error" fails quick reload $C
check "names the file it is in" says "^wg-quick: $C.d/30.conf:2:[0-9]*: "
"$Q" check $C >$log 2>&1
check "check names it, too" says "^$C.d/30.conf:2:[0-9]*: error: "
printf 'PublicKey = %s\n' $NEW | write $C.d/30.conf
check "a drop-in without a section" fails quick strip $C
check "adds nothing to the last one before" says "30.conf:1:1: expected \[Interface\] or \[Peer\]"
printf '[Peer]\nPublicKey = %s\n' $PSK | write $C.d/30.conf
chmod 755 $D $C.d
chmod 644 $C.d/30.conf
"$Q" check $C >$log 2>&1
check "check warns of a drop-in that all can read" says "^$C.d/30.conf:1:1: warning: .*world accessible"
check "and of a peer of another file" says "30.conf:2:13: warning: the peer of line [0-9]* of $C has this PublicKey"
quick reload $C
check "reload warns, too" says "^Warning: .$C.d/30.conf' is world accessible"
chmod 700 $D
check "down" quick down $C
unchanged "and nothing is left"
rm -r $C.d

### Keys in other files
key_file()
{
	write <<-END
		[Interface]
		PrivateKeyFile = $1
		Address = 10.66.0.2/32
		[Peer]
		PublicKey = $PEER
		PresharedKeyFile = ${2-psk}
		AllowedIPs = 10.9.0.0/16
	END
}
key_file key
printf '%s' $KEY | write $D/key
printf '\n %s \n' $PSK | write $D/psk
cp -p $C /run/original
up
has_keys() { same "$KEY $PSK" "$("$WG" show wgq private-key) $("$WG" show wgq preshared-keys | cut -f 2)"; }
check "keys beside the file" has_keys
check "reload keeps them" quick reload $C
check "status agrees" "$Q" status $C
check "strip prints them" same "PrivateKey = $KEY PresharedKey = $PSK" \
	"$("$Q" strip $C | grep -e 'Key = ' | grep -v Public | paste -sd' ')"
check "save" quick save $C
check "never writes them" cmp $C /run/original
check "set of a key that another file holds" fails quick set $C private-key $D/key --save
check "is refused with --save" says "the key from another file"
check "no journal has them" fails grep -r -q -F -e $KEY -e $PSK /run/wireguard-quick
rm $D/psk
check "status without the file" fails quick status $C
check "says which" says "wgq.conf:6:20: cannot open $D/psk: No such file or directory"
check "down needs none" quick down $C
mkdir /run/cred
echo $KEY >/run/cred/a
echo $PSK >/run/cred/b
key_file %d/a %d/b
check "keys that are systemd's credentials" env CREDENTIALS_DIRECTORY=/run/cred "$Q" up $C
check "are the tunnel's" has_keys
mkdir -p /run/credentials/wg-quick@wgq.service
cp /run/cred/? /run/credentials/wg-quick@wgq.service
check "reload finds those of the unit" quick reload $C
quick down $C
mkfifo -m 600 $D/pipe
key_file pipe /run/cred/b
(sleep 0.3; echo $KEY >$D/pipe) &
up
check "a key from a pipe" has_keys
quick down $C
wait
key_refused() # NAME SENTENCE
{
	"$Q" up $C >$log 2>&1 && not_ok "$1: up is refused"
	check "$1" says "$2"
	check "$1: without what the file holds" fails grep -q -e "$KEY" -e secret $log
	"$Q" check $C >$log 2>&1
	check "$1: check knows" says "error: .*\[key-[a-z]*\]"
}
key_file key /run/cred/b
echo "secret$KEY" >$D/key
key_refused "no key" "wgq.conf:2:18: $D/key does not hold a key"
{ echo $KEY; head -c 5000 /dev/zero; } >$D/key
key_refused "more than a key" "does not hold a key"
key_file /dev/zero /run/cred/b
key_refused "a device" "/dev/zero is neither a regular file nor a pipe"
key_file $D /run/cred/b
key_refused "a folder" "is neither a regular file nor a pipe"
key_file "$KEY" /run/cred/b
key_refused "the key itself" "not the key"
key_file /run/cred/a /run/cred/b
sed -i "2a PrivateKey = $KEY" $C
key_refused "both" "wgq.conf:3:1: expected either PrivateKey or PrivateKeyFile"
key_file /run/cred/a /run/cred/b
sed -i "\$a PresharedKey = $PSK" $C
key_refused "both of a peer" "wgq.conf:8:1: expected either PresharedKey or PresharedKeyFile"
key_file /run/cred/a /run/cred/b
chmod 755 /run/cred
up
check "key files that all can read are warned of" says "^Warning: ./run/cred/a' is world accessible"
quick down $C
unchanged "keys leave nothing"

### Keys that wg passes over
write <<END
[Interface]
PrivateKeyFile = /nowhere
PrivateKey = $KEY
[Peer]
PublicKey = $PEER
Routes = off
RouteMetric = lots
PresharedKeyFile = x
AllowedIPs = 10.9.0.0/16, !10.9.1.0/24
END
device_add wgs
for verb in setconf addconf syncconf; do
	check "wg $verb passes over our keys" same "" "$("$WG" $verb wgs $C 2>&1)"
done
check "and reads the others" same 8 "$("$WG" show wgs allowed-ips | tr ' ' '\n' | grep -c /)"
sed -i '1a Address = 10.0.0.1/8' $C
check "but refuses upstream's" sh -c '"$1" setconf wgs "$2" 2>&1 | grep -q "Address is wg-quick"' - "$WG" $C
device_del wgs
wait_for 5 test ! -e /run/wireguard/wgs.sock

### A full tunnel with exclusions
ALLOWED="0.0.0.0/0, !192.168.0.0/16, ::/0, !fd00::/8" conf wgq "Address = 10.66.0.2/32, fd66::2/128"
cat /run/conf/wgq.conf >$C
way() { ip route get "$@" | sed -n 's/.* dev \([^ ]*\).*/\1/p'; }
ways()
{
	same "wgq up0 wgq up0 up0 wgq up0" "$(way 8.8.8.8) $(way 192.168.7.7) $(way 192.169.0.1) $(way 192.0.2.9) $(
		way 8.8.8.8 mark 51820) $(way 2001:db8::1) $(way fdab::1)"
}
up
check "excluded addresses go past the tunnel, and all others into it" ways
check "status agrees" "$Q" status $C
shape >/run/shape
ip rule del not fwmark 51820
ip route del 128.0.0.0/2 dev wgq table 51820
check "repair" quick repair $C
check "puts rule and route back" ways
sed -i 's/!192.168.0.0\/16/!192.168.7.0\/24/' $C
check "reload with another exclusion" quick reload $C
check "follows it" same "wgq up0" "$(way 192.168.8.8) $(way 192.168.7.7)"
sed -i 's/!192.168.7.0\/24/!192.168.0.0\/16/' $C
quick reload $C
check "and back is as up makes it" same "$(cat /run/shape)" "$(shape)"
check "save" quick save $C
check "keeps the exclusions" cmp $C /run/conf/wgq.conf
rm /run/wireguard-quick/wgq.state
check "down without a journal" quick down $C
unchanged "leaves nothing"

### Routes and RouteMetric
ALLOWED="10.9.0.0/16, fd09::/64" conf wgq "Address = 10.66.0.2/32, fd66::2/128"
{ cat /run/conf/wgq.conf; printf '%s\n' "Routes = 10.9.1.0/24, fd09::/80" "RouteMetric = 50" "[Peer]" \
	"PublicKey = $NEW" "AllowedIPs = 10.77.0.0/16" "Routes = OFF"; } >$C
routes() { { ip route show dev wgq; ip -6 route show dev wgq; } | grep 'proto 87' | sed 's/ proto.*metric/ metric/; s/ pref.*//' |
	sort | paste -sd,; }
up
check "Routes and RouteMetric" same "10.9.1.0/24 metric 50,fd09::/80 metric 50" "$(routes | tr -s ' ' | sed 's/ ,/,/g')"
check "the device has all AllowedIPs" device_has "10.77.0.0/16"
check "status agrees" "$Q" status $C
sed -i 's/= 50/= 60/; /OFF/d' $C
check "reload with others" quick reload $C
check "follows" same "10.77.0.0/16,10.9.1.0/24 metric 60,fd09::/80 metric 60" "$(routes |
	sed 's/ proto 87 scope link *//' | tr -s ' ' | sed 's/ ,/,/g')"
sed -i '/RouteMetric/d' $C
quick reload $C
check "and back to none" same "10.77.0.0/16,10.9.1.0/24,fd09::/80 metric 1024" "$(routes |
	sed 's/ proto 87 scope link *//g' | tr -s ' ' | sed 's/ ,/,/g')"
check "the journal says so" quick status $C
check "down" quick down $C
unchanged "routes leave nothing"
finish
