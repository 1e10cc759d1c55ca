#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/packages/tunnels.sh PACKAGES DEBIAN: a small Debian gets our packages, from nothing and in place of
# wireguard-tools, while a tunnel is up that a neighbour pings a hundred times a second.
#
#	[ far: wgfar 10.9.0.2 ] --- 192.0.2.0/24 --- [ this namespace; programs of the small Debian: wg0 10.9.0.1 ]
. "$(dirname "$0")/../tool.sh"
. "$(dirname "$0")/lib.sh"
alone "$@"
[ -e /dev/net/tun ] || { skip "packages with tunnels" "no /dev/net/tun"; finish; }
debs=$1
debian=$2
far_key=wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=
unset WG_QUICK_USERSPACE_IMPLEMENTATION WG_PROCESS_FOREGROUND NOTIFY_SOCKET
export LOG_LEVEL=silent

in_debian()
{
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb LC_ALL=C \
		DEBIAN_FRONTEND=noninteractive LOG_LEVEL=silent chroot "$root" "$@"
}
far() { ip netns exec far "$@"; }
install_packages() { in_debian apt-get -qq install -y --no-install-recommends "$@"; }
installed() { [ "$(in_debian dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
not() { ! "$@"; }
# dpkg runs on a terminal of apt's.
said() { tr -d '\r' </run/removed | grep -qx -e "$1" || { cat /run/removed; return 1; }; }
down() { not ip link show wg0; }

# A new Debian in $root, with our packages in /debs, those of a later version in /later, and Debian's own in /debian.
new_debian() # NAME
{
	debian_root "$top/build/systemd/root" "/run/$1" || return
	root=/run/$1/root
	upper=/run/$1/upper
	mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" && mount -t tmpfs -o mode=0755 run "$root/run" &&
		mkdir "$root/run/lock" "$root/debs" "$root/later" "$root/debian" && mount --bind /run/debs "$root/debs" &&
		mount --bind /run/later "$root/later" && mount --bind "$debian" "$root/debian"
}

# The peer of our tunnel, in a namespace behind a wire.
make_far()
{
	ip netns add far && ip link add up0 type veth peer name far0 netns far &&
		ip addr add 192.0.2.1/24 dev up0 && ip link set up0 up && far ip addr add 192.0.2.2/24 dev far0 &&
		far ip link set far0 up && far ip link set lo up &&
		{ far ip link add wgfar type wireguard 2>/dev/null || far "$WG_TUN" wgfar; } &&
		echo "$far_key" | far "$WG" set wgfar private-key /dev/stdin listen-port 51820 &&
		far ip addr add 10.9.0.2/24 dev wgfar && far ip link set wgfar up
}

# A file for the tunnel, with a key of the installed wg. $1: more lines of [Interface].
write_file()
{
	key=$(in_debian wg genkey) &&
		far "$WG" set wgfar peer "$(echo "$key" | in_debian wg pubkey)" allowed-ips 10.9.0.1/32 || return
	cat >"$root/etc/wireguard/wg0.conf" <<-END
		[Interface]
		PrivateKey = $key
		Address = 10.9.0.1/24
		${1-}

		[Peer]
		PublicKey = $(echo "$far_key" | in_debian wg pubkey)
		AllowedIPs = 10.9.0.2/32
		Endpoint = 192.0.2.2:51820
		PersistentKeepalive = 1
	END
	chmod 600 "$root/etc/wireguard/wg0.conf"
}

answers() { far ping -q -c 1 -W 5 10.9.0.1; }

flood_begin()
{
	wait_for 10 answers || return
	ip netns exec far ping -n -i 0.01 -c 60000 10.9.0.1 >/run/flood 2>&1 &
	flood=$!
	wait_for 5 grep -q 'icmp_seq=20 ' /run/flood
}

# Ends the flood after some more answers. Not a packet may have been lost: the answers are numbered from 1 on without
# a gap. The last packet may be on its way yet.
flood_end()
{
	flood_seen=$(grep -c icmp_seq= /run/flood)
	wait_for 20 grep -q "icmp_seq=$((flood_seen + 20)) " /run/flood
	kill "$flood"
	wait "$flood" 2>/dev/null
	sed -n 's/.*icmp_seq=\([0-9]*\) .*/\1/p' /run/flood | sort -n >/run/answered
	tail -n 3 /run/flood
	[ "$(wc -l </run/answered)" -gt "$flood_seen" ] && seq "$(wc -l </run/answered)" | cmp - /run/answered
}

daemon() { pgrep -x wg-tun --nslist net --ns $$; }

# What differs from the Debian before, but for what every installation leaves: caches, logs and lists, and copies
# of /etc/passwd and the like, of which the files themselves are compared.
left()
{
	(cd "$upper" && find . -mindepth 1 ! -type d ! -path './var/lib/dpkg/*' ! -path './var/lib/apt/*' ! -path './var/cache/*' \
		! -path './var/log/*' ! -path './var/lib/systemd/deb-systemd-helper-*' ! -path './etc/*-' ! -path './etc/.pwd.lock' | sort |
		while read -r f; do
			[ -f "$f" ] && cmp -s "$f" "$top/build/systemd/root/$f" || echo "$f"
		done)
}

mkdir -p /run/debs /run/later
for p in wirekit wirekit-tun; do
	cp "$debs/${p}_"*.deb "/run/debs/$p.deb" &&
		later_version "/run/debs/$p.deb" "/run/later/$p.deb" || not_ok "a later $p"
done
make_far || { not_ok "a neighbour"; finish; }

### From nothing
check "a fresh Debian" new_debian fresh
check "the packages are installed" install_packages /debs/wirekit.deb /debs/wirekit-tun.deb
[ "$failures" = 0 ] || finish
check "all files are as packed" same "" "$(in_debian dpkg --verify wirekit wirekit-tun)"
check "the folder of keys is root's alone" same "700 root" "$(in_debian stat -c '%a %U' /etc/wireguard)"
check "wg-tun has a user" in_debian id -u _wg-tun
check "its unit has the same" same "User=_wg-tun
ExecStart=!/usr/bin/wg-tun --foreground --user=_wg-tun %i" "$(grep -E '^(User|ExecStart)=' "$root/lib/systemd/system/wg-tun@.service")"
check "nothing is enabled" same "" "$(find "$root/etc/systemd" -lname '*wg-*')"
check "a file is written" write_file
check "a tunnel comes up in one command" in_debian wg-quick up wg0
check "it carries packets" wait_for 10 answers
if [ -n "$(daemon)" ]; then
	check "wg-tun is its user" same "$(in_debian id -u _wg-tun)" \
		"$(sed -n 's/^Uid:[[:space:]]*\([0-9]*\).*/\1/p' "/proc/$(daemon)/status")"
fi
check "the tunnel is enabled" in_debian systemctl enable wg-quick@wg0

# An earlier release noted less in a journal.
sed -i '/^key /d' "$root"/run/wireguard-quick/*.state
check "a flood of pings" flood_begin
process=$(daemon)
check "the packages are upgraded" install_packages /later/wirekit.deb /later/wirekit-tun.deb
check "to the later version" same "+later" "$(in_debian dpkg-query -W -f '${Version}' wirekit | grep -o '+.*')"
check "not a packet was lost" flood_end
check "wg-tun is the same process" same "$process" "$(daemon)"
check "the tunnel is enabled still" test -h "$root/etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service"

in_debian apt-get -qq remove -y wirekit >/run/removed 2>&1
check "wirekit is not removed while a tunnel is up" installed wirekit
check "what to do first is said" said '    wg-quick down wg0'
if [ -n "$process" ]; then
	in_debian apt-get -qq remove -y wirekit-tun >/run/removed 2>&1
	check "wirekit-tun is not removed while it carries a tunnel" installed wirekit-tun
	check "and says so" said 'wirekit-tun: cannot be removed while wg-tun carries tunnels.*'
fi
check "wireguard-tools do not take its place while a tunnel is up" not install_packages /debian/wireguard-tools.deb
check "wirekit stays installed" installed wirekit
check "the tunnel carries packets still" answers
check "the tunnel goes down by the journal of before" in_debian wg-quick down wg0
check "it is down" down
check "wirekit is removed then" in_debian apt-get -qq remove -y wirekit wirekit-tun
check "no file of a run is left" same "" "$(ls "$root/run" | grep wire)"
check "the configuration is left" same "./etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service
./etc/systemd/system/wg-quick.target.wants/wg-quick@wg0.service
./etc/wireguard/wg0.conf" "$(left | grep -v -x './etc/\(passwd\|shadow\|group\|gshadow\)')"
check "wirekit is purged" in_debian apt-get -qq purge -y wirekit wirekit-tun
check "only the user's own file is left" same "./etc/wireguard/wg0.conf" "$(left)"

### A file less, and the kill switch
rm "$root/etc/wireguard/wg0.conf"
check "installed again" install_packages /debs/wirekit.deb /debs/wirekit-tun.deb
check "a file with a kill switch" write_file "KillSwitch = boot"
check "a kill switch is loaded" in_debian wg-quick killswitch wg0
in_debian apt-get -qq remove -y wirekit >/run/removed 2>&1
check "wirekit is not removed while a kill switch is loaded" installed wirekit
check "and says so" said '    wg-quick killswitch --lift NAME'
check "it is lifted" in_debian wg-quick killswitch --lift wg0
rm "$root/etc/wireguard/wg0.conf"
check "then it is purged" in_debian apt-get -qq purge -y wirekit wirekit-tun
check "nothing is left" same "" "$(left; ls -d "$root/etc/wireguard" 2>/dev/null)"

### In place of wireguard-tools
check "another fresh Debian" new_debian replaced
check "wireguard-tools and wg-tun are installed" install_packages /debian/wireguard-tools.deb /debs/wirekit-tun.deb
check "a file is written there" write_file
check "their wg-quick brings the tunnel up" in_debian env WG_QUICK_USERSPACE_IMPLEMENTATION=wg-tun wg-quick up wg0
check "a flood of pings through it" flood_begin
check "wirekit takes their place" install_packages /debs/wirekit.deb
check "no packet was lost then" flood_end
check "wireguard-tools are gone" not installed wireguard-tools
check "the units are ours" in_debian dpkg -S /lib/systemd/system/wg-quick@.service
check "our wg-quick takes the tunnel down" in_debian wg-quick down wg0
check "it is gone" down

# A kernel provides what the metapackage asks for besides.
mkdir -p /run/later/kernel/DEBIAN
cat >/run/later/kernel/DEBIAN/control <<'END'
Package: kernel-for-tests
Version: 1
Architecture: all
Maintainer: nobody <nobody@wirekit.example>
Provides: wireguard-modules (= 1.0.0)
Description: stands for a kernel with WireGuard
END
dpkg-deb --root-owner-group -b /run/later/kernel /run/later/kernel.deb >/dev/null
check "the metapackage wireguard is content with it" install_packages /debian/wireguard.deb /later/kernel.deb
check "both are installed" sh -c 'test "$1" = "ii ii"' sh \
	"$(in_debian dpkg-query -W -f '${db:Status-Abbrev}' wireguard wirekit | xargs)"
check "wireguard-tools take its place again" install_packages /debian/wireguard-tools.deb
check "wirekit is gone" not installed wirekit
check "wirekit's purge leaves their files" in_debian dpkg --purge wirekit
check "those are whole" same "" "$(in_debian dpkg --verify wireguard-tools)"
finish
