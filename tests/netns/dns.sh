#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# DNSBackend = file, none and auto, and DNSRequired: /etc/resolv.conf is put there and put back, whatever it
# was, in any order of tunnels, after a crash or a reboot, and never over what somebody else has written.
# Also with Debian's openresolv and resolvconf. (dns-resolved.sh has systemd-resolved.)
. "$(dirname "$0")/../tool.sh"
sh "$top/tests/dns-programs.sh" || not_ok "openresolv and resolvconf are there"
alone "$@"
. "$(dirname "$0")/lib.sh"
programs=$top/build/dns
Q=$WG_QUICK
R=/etc/resolv.conf

# A copy of /etc, so that the system's stays as it is.
umount /etc/wireguard
cp -a /etc /run/etc
mount --bind /run/etc /etc
quick_setup
export ALLOWED=10.9.0.0/16

former() { printf 'nameserver 192.0.2.53\noptions ndots:2' >$R && chmod 640 $R; }
# Also what may be beside it.
resolv() { stat -c '%F %a %u' $R; readlink $R; cat $R; ls /etc | grep resolv; grep -c " $R " /proc/self/mountinfo; }
uses() { [ "$(sed -n 's/^nameserver //p' $R | tr '\n' ' ')" = "$* " ] || { cat $R; return 1; }; }
up() { "$Q" up /run/conf/$1.conf >/run/said 2>&1 || { cat /run/said; return 1; }; }
down() { "$Q" down /run/conf/$1.conf >/run/said 2>&1 || { cat /run/said; return 1; }; }
says() { grep -q -e "$1" /run/said || { cat /run/said; return 1; }; }
agrees() { [ "$("$Q" status /run/conf/$1.conf)" = "$1: up, as /run/conf/$1.conf asks" ] && [ -z "$("$Q" diff /run/conf/$1.conf)" ]; }
back() { check "$1" same "$was" "$(resolv)"; }
former
was=$(resolv)
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1, corp.example, 9.9.9.9:53#dns.quad9.net" "DNSBackend = file"
ALLOWED=10.10.0.0/16 conf wgb "Address = 10.66.0.3/32" "DNS = 10.66.0.4" "DNSBackend = file"

### One tunnel
check "the steps, without doing them" sh -c '"$0" up --dry-run /run/conf/wga.conf | grep -q "^.#. printf .* .nameserver 10.66.0.1. .nameserver 9.9.9.9. .search corp.example. >/etc/resolv.conf$"' "$Q"
back "--dry-run changes nothing"
check "up" up wga
check "its servers" uses 10.66.0.1 9.9.9.9
check "and its domain" grep -qx "search corp.example" $R
check "mode and owner are as before" same "$(head -n 1 <<<"$was")" "$(stat -c '%F %a %u' $R)"
check "status and diff agree" agrees wga
check "a second up has nothing to do" "$Q" up --idempotent /run/conf/wga.conf
check "down" down wga
back "puts back what was there"
check "and says nothing of it" sh -c '! grep -q Warning /run/said'

### Two of them
for order in "wga wgb" "wgb wga"; do
	check "two tunnels" sh -c "'$Q' up /run/conf/wga.conf && '$Q' up /run/conf/wgb.conf"
	check "the last one counts" uses 10.66.0.4
	check "both agree" eval "agrees wga && agrees wgb"
	check "down of ${order% *}" down ${order% *}
	[ "$order" = "wga wgb" ] || check "the first one counts again" uses 10.66.0.1 9.9.9.9
	[ "$order" != "wga wgb" ] || check "the last one still counts" uses 10.66.0.4
	check "down of ${order#* }" down ${order#* }
	back "after ${order% *} and ${order#* } all is as before"
done

### Somebody else
check "up" up wga
echo "nameserver 192.0.2.99" >$R
check "status sees that somebody has written it" sh -c '"$0" status /run/conf/wga.conf >/run/said; [ $? = 2 ] && grep -q "nameserver 10.66.0.1" /run/said' "$Q"
check "repair" "$Q" repair /run/conf/wga.conf
check "puts the servers back" uses 10.66.0.1 9.9.9.9
check "a second one has nothing to do" same "" "$("$Q" repair /run/conf/wga.conf 2>&1)"
sed -i 's/^nameserver 10.66.0.1$/nameserver 10.66.0.9/' $R
changed=$(resolv)
check "down, after a change by hand" down wga
check "says that it stays" says "Warning: /etc/resolv.conf is left as it is"
check "and it stays" same "$changed" "$(resolv)"
check "without a rest of ours beside it" sh -c '! ls /etc | grep -q resolv.conf.'

### Whatever it was
rm $R && ln -s ../run/managed/resolv.conf $R
was=$(resolv)
check "up over a symbolic link" up wga
check "is no link meanwhile" test ! -L $R
check "down" down wga
back "it is a link again"
rm $R
was=$(resolv 2>&1)
check "up where there is none" eval "up wga && uses 10.66.0.1 9.9.9.9"
check "down" down wga
check "there is none again" same "$was" "$(resolv 2>&1)"
former
cp $R /run/mounted
mount --bind /run/mounted $R
was=$(resolv)
inode=$(stat -c %i $R)
check "up over a mount point" eval "up wga && uses 10.66.0.1 9.9.9.9"
check "which stays one" same "$inode" "$(stat -c %i $R)"
check "two tunnels" eval "up wgb && uses 10.66.0.4 && down wga && uses 10.66.0.4 && down wgb"
back "all is as before"
umount $R
former
was=$(resolv)
mount -o remount,bind,ro /etc
check "up in a read-only folder" eval "up wga && uses 10.66.0.1 9.9.9.9"
check "two tunnels" eval "up wgb && uses 10.66.0.4 && agrees wga && down wgb && uses 10.66.0.1 9.9.9.9 && down wga"
back "nothing is mounted any more"
mount -o remount,bind,rw /etc

### After a reboot
# The links and /run are gone, and the file is of another boot.
reboot_now()
{
	ip link del wga
	rm -rf /run/wireguard-quick /run/wireguard/*
	sed -i 's/^#wg-quick boot .*/#wg-quick boot 00000000-0000-0000-0000-000000000000/' $R
}
check "up, and a reboot" eval "up wga && reboot_now && uses 10.66.0.1 9.9.9.9"
check "down after a reboot" down wga
back "puts back what was there"
check "up, and a reboot" eval "up wga && reboot_now"
check "another tunnel after a reboot" eval "up wgb && uses 10.66.0.4 && down wgb"
back "leaves what was there before both"
# Only the journal is lost.
check "up" up wga
rm -f /run/wireguard-quick/*
check "down without a journal" down wga
back "puts back what was there"

### Reload
check "up" up wga
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.7, ~corp.example" "DNSBackend = file"
check "diff shows other servers" sh -c '"$0" diff /run/conf/wga.conf | grep -q "nameserver 10.66.0.7"' "$Q"
check "reload" eval '"$Q" reload /run/conf/wga.conf >/run/said 2>&1 && uses 10.66.0.7 && agrees wga'
check "says that the file knows no routing domains" says "Warning: only systemd-resolved knows routing domains"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.7" "DNSBackend = resolvconf"
check "another backend" eval '"$Q" reload /run/conf/wga.conf >/run/said 2>&1 && agrees wga'
back "the former has put back what was there"
check "and the latter has the servers" same "nameserver 10.66.0.7" "$(cat /run/resolvconf.fake/wga)"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.8"
check "auto keeps the backend" eval '"$Q" reload /run/conf/wga.conf >/run/said 2>&1 && agrees wga'
check "with new servers" same "nameserver 10.66.0.8" "$(cat /run/resolvconf.fake/wga)"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.7" "DNSBackend = file"
check "and back" eval '"$Q" reload /run/conf/wga.conf >/run/said 2>&1 && uses 10.66.0.7 && agrees wga'
check "resolvconf has nothing any more" same "" "$(ls /run/resolvconf.fake)"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.7" "DNSBackend = none"
check "none" eval '"$Q" reload /run/conf/wga.conf >/run/said 2>&1 && agrees wga'
back "sets nothing"
check "down" down wga

### Auto, and what is not required
mv /run/bin/resolvconf /run/resolvconf.good
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1"
check "auto without resolvconf and systemd-resolved" eval "up wga && uses 10.66.0.1 && agrees wga && down wga"
back "is the file, and it is put back"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1" "DNSBackend = resolvconf"
check "resolvconf that is missing is status 127" sh -c '"$0" up /run/conf/wga.conf >/run/said 2>&1; [ $? = 127 ]' "$Q"
check "and the message names the way out" says "there is no resolvconf: .*DNSBackend.*DNSRequired = no"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1" "DNSBackend = resolved"
check "systemd-resolved that is missing" sh -c '"$0" up /run/conf/wga.conf >/run/said 2>&1; [ $? = 1 ]' "$Q"
check "and the message names the way out" says "systemd-resolved cannot be reached: .*DNSRequired = no"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1" "DNSBackend = resolved" "DNSRequired = no"
check "not required: it comes up" eval "up wga && agrees wga"
check "with a warning" says "Warning: .wga' comes up without its DNS servers: systemd-resolved"
check "and goes down" down wga
# As openresolv 3.17 says where somebody else has written the file: it keeps the entry all the same.
cat >/run/bin/resolvconf <<'END'
#!/bin/sh
/run/resolvconf.good "$@"
[ "$1" != -a ] || { echo "resolvconf: signature mismatch: /etc/resolv.conf" >&2; exit 1; }
END
chmod +x /run/bin/resolvconf
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1"
check "a refusal fails up" sh -c '"$0" up /run/conf/wga.conf >/run/said 2>&1; [ $? = 1 ]' "$Q"
check "and the message names the way out" says "resolvconf failed.*; DNSRequired = no brings .wga' up"
check "nothing is left" same "" "$(ls /run/resolvconf.fake; ip -br link show wga 2>/dev/null)"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1" "DNSRequired = no"
check "not required: it comes up" up wga
check "with a warning and the way out" says "Warning: resolvconf failed.*; .wga' is up without its DNS servers: another DNSBackend"
check "status agrees" agrees wga
check "reload has nothing to do" same "" "$("$Q" reload /run/conf/wga.conf 2>&1)"
check "and status agrees after it" agrees wga
check "repair has nothing to do" same "" "$("$Q" repair /run/conf/wga.conf 2>&1)"
check "a second up has nothing to do" "$Q" up --idempotent /run/conf/wga.conf
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.2" "DNSRequired = no"
check "other servers are tried" sh -c '"$0" reload /run/conf/wga.conf >/run/said 2>&1 && grep -q "is up without its DNS servers" /run/said' "$Q"
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.2"
check "servers that are required after all are tried again" sh -c '"$0" reload /run/conf/wga.conf >/run/said 2>&1; [ $? = 1 ] && grep -q "resolvconf failed" /run/said' "$Q"
check "down" down wga
check "nothing is left" same "" "$(ls /run/resolvconf.fake)"

### Another network namespace, which has /etc in common
mv /run/bin/resolvconf /run/resolvconf.bad
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1"
ip netns add other
in_other() { ip netns exec other "$Q" "$@" /run/conf/wga.conf >/run/said 2>&1; }
check "auto does not take the host's file" sh -c 'ip netns exec other "$0" up /run/conf/wga.conf >/run/said 2>&1; [ $? = 127 ]' "$Q"
check "and says so" says "/etc/resolv.conf is that of the host's network namespace, too"
back "which is as before"
mkdir -p /etc/netns/other
cp $R /etc/netns/other/resolv.conf
check "a file of its own is taken" in_other up
check "it has the servers" grep -q "^nameserver 10.66.0.1" /etc/netns/other/resolv.conf
back "and the host's has not"
check "down" in_other down
check "it is put back" cmp $R /etc/netns/other/resolv.conf

### Killed at each step, and each change failing
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1" "DNSBackend = file"
if [ -x "$WG_QUICK_TESTHOOKS" ]; then
	T=$WG_QUICK_TESTHOOKS
	env WG_TEST_COUNT=/run/up "$T" up /run/conf/wga.conf >/run/said 2>&1
	env WG_TEST_COUNT=/run/down "$T" down /run/conf/wga.conf >/run/said 2>&1
	read -r ups calls </run/up
	read -r downs down_calls </run/down
	bad=
	residue() # WHAT
	{
		"$T" down /run/conf/wga.conf >>/run/said 2>&1
		[ "$(resolv)" = "$was" ] || { bad+="$1: $(resolv) $(cat /run/said)"; former; }
	}
	for n in $(seq 1 2 $ups); do
		env WG_TEST_KILL_AT=$n "$T" up /run/conf/wga.conf >/run/said 2>&1
		residue "up killed at $n"
	done 2>/dev/null
	for n in $(seq 1 $calls); do
		env WG_TEST_FAIL_AT=$n "$T" up /run/conf/wga.conf >/run/said 2>&1
		[ "$(resolv)" = "$was" ] || bad+="up failing at $n: $(resolv)"
		residue "up failing at $n"
	done 2>/dev/null
	for n in $(seq 1 2 $downs); do
		"$T" up /run/conf/wga.conf >/run/said 2>&1
		env WG_TEST_KILL_AT=$n "$T" down /run/conf/wga.conf >/run/said 2>&1
		residue "down killed at $n"
	done 2>/dev/null
	check "killed and failing at $((ups / 2 + calls + downs / 2)) places, it is put back" same "" "$bad"
	check "and places there are" test "$ups" -gt 10 -a "$downs" -gt 5
else
	not_ok "there is a wg-quick built with TESTHOOKS=1"
fi

### Debian's own, unpacked over the system's folder of libraries
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1, corp.example"
real() # PACKAGE COMMANDS: in a mount namespace where it is there
{
	real_package=$1
	shift
	unshare -m sh -c 'mount -t overlay -o "lowerdir=$0/lib:/usr/lib" overlay /usr/lib &&
		cp -a "$0/etc/." /etc && PATH=$0/sbin:$PATH exec sh -c "$1"' "$programs/$real_package" "$1"
}
check "openresolv" real openresolv '
	echo "nameserver 192.0.2.53" | resolvconf -a up0 && grep -qx "nameserver 192.0.2.53" /etc/resolv.conf &&
	"$WG_QUICK" up /run/conf/wga.conf && grep -qx "nameserver 10.66.0.1" /etc/resolv.conf &&
	! grep -q 192.0.2.53 /etc/resolv.conf && grep -qx "search corp.example" /etc/resolv.conf &&
	"$WG_QUICK" status /run/conf/wga.conf && "$WG_QUICK" down /run/conf/wga.conf &&
	grep -qx "nameserver 192.0.2.53" /etc/resolv.conf && ! grep -q 10.66.0.1 /etc/resolv.conf'
# Both write /etc/resolv.conf.
check "a reload between openresolv and the file" real openresolv '
	"$WG_QUICK" up /run/conf/wga.conf &&
	sed -i "s/^DNS = .*/&\nDNSBackend = file/" /run/conf/wga.conf && "$WG_QUICK" reload /run/conf/wga.conf &&
	grep -q "^#wg-quick tunnel wga$" /etc/resolv.conf && ! grep -q "#wg-quick line.*10.66.0.1" /etc/resolv.conf &&
	sed -i "s/^DNSBackend = file/DNSBackend = resolvconf/" /run/conf/wga.conf && "$WG_QUICK" reload /run/conf/wga.conf &&
	grep -qx "nameserver 10.66.0.1" /etc/resolv.conf && ! grep -q "#wg-quick" /etc/resolv.conf &&
	"$WG_QUICK" down /run/conf/wga.conf &&
	grep -qx "nameserver 192.0.2.53" /etc/resolv.conf && ! grep -q 10.66.0.1 /etc/resolv.conf'
conf wga "Address = 10.66.0.2/32" "DNS = 10.66.0.1, corp.example"
rm -rf /run/resolvconf
check "resolvconf" real resolvconf '
	mkdir -p /run/resolvconf/interface && touch /run/resolvconf/enable-updates &&
	ln -sf ../run/resolvconf/resolv.conf /etc/resolv.conf &&
	echo "nameserver 192.0.2.53" | resolvconf -a up0.inet &&
	"$WG_QUICK" up /run/conf/wga.conf 2>/run/said && grep -q "resolvconf -a tun.wga -m 0 -x" /run/said &&
	grep "^nameserver" /etc/resolv.conf | head -n 1 | grep -qx "nameserver 10.66.0.1" &&
	"$WG_QUICK" down /run/conf/wga.conf && ! grep -q 10.66.0.1 /etc/resolv.conf &&
	grep -qx "nameserver 192.0.2.53" /etc/resolv.conf'
finish
