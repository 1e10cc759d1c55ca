# SPDX-License-Identifier: GPL-2.0
# What the wg-quick tests share. Sourced after tool.sh, within `alone`.
#
#	wgq ---(default routes)--- [ this namespace ] --- up0 192.0.2.1/24, fd02::1/64
#
# A resolvconf that keeps its entries in /run/resolvconf.fake, an uplink with default routes, and
# objects of other owners that must survive everything.

KEY=wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=
PEER=FAybEllso8BTkTPWbKepT/A1N2HbFIGS9mf4MhgzJS0=
export WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 LOG_LEVEL=silent
unset WG_QUICK_USERSPACE_IMPLEMENTATION

quick_setup()
{
	mkdir -p /run/bin /run/conf
	PATH=/run/bin:$PATH
	cat >/run/bin/resolvconf <<-'END'
		#!/bin/sh
		mkdir -p /run/resolvconf.fake
		case $1 in
		-a) cat >"/run/resolvconf.fake/$2" ;;
		-d) rm -f "/run/resolvconf.fake/$2" ;;
		esac
	END
	chmod +x /run/bin/resolvconf
	mkdir -p /run/resolvconf.fake
	sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.default.addr_gen_mode=1 \
		net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0
	ip link add up0 type veth peer name up1
	ip link set up1 up
	ip link set up0 up
	ip address add 192.0.2.1/24 dev up0
	ip address add fd02::1/64 dev up0
	ip route add default via 192.0.2.254
	ip -6 route add default via fd02::fe
	ip rule add fwmark 0x1234 lookup 5182 priority 900
	ip route add 198.51.100.0/24 dev up0 table 5182
	nft add table inet foreign
}

# conf NAME LINE...: /run/conf/NAME.conf with these lines of [Interface] and a full tunnel.
conf()
{
	conf_name=$1
	shift
	{
		echo "[Interface]"
		echo "PrivateKey = $KEY"
		printf '%s\n' "$@"
		printf '%s\n' "[Peer]" "PublicKey = $PEER" "Endpoint = 192.0.2.9:51820" \
			"AllowedIPs = ${ALLOWED-0.0.0.0/0, ::/0, 10.9.0.0/16}"
	} >"/run/conf/$conf_name.conf"
	chmod 600 "/run/conf/$conf_name.conf"
}

# Everything that a tunnel could leave behind. Scripts take it hundreds of times: few programs are started.
picture()
{
	printf '%s\n' "link show" "address show" "route show table all" | ip -j -batch -
	ip -4 -j rule show
	ip -6 -j rule show
	nft -j list ruleset
	read -r picture_mark </proc/sys/net/ipv4/conf/all/src_valid_mark
	echo "$picture_mark"
	find /run/resolvconf.fake /run/wireguard /run/wireguard-quick /run/hooks \
		\( -type f -o -type s \) \( ! -path '/run/wireguard-quick/*' -o -name '*.state' \) 2>/dev/null | sort
	:
}

# What `up` of a file makes of wgq, without what `reload` and `repair` may leave otherwise: the order of
# addresses and routes, the priorities of rules.
shape()
{
	{
		printf '%s\n' "address show dev wgq" "route show table all dev wgq" | ip -o -batch -
		echo "rules 4"
		ip -4 rule show
		echo "rules 6"
		ip -6 rule show
	} | awk '/^rules/ { family = $2; next }
		family { if (/proto 87/) { sub(/^[0-9]*:[[:space:]]*/, ""); print family, $0 }; next }
		/^[0-9]+: wgq/ { print $4; next }
		!/ff00/' | sort
	for shape_table in 'ip wg-quick-wgq' 'ip6 wg-quick-wgq'; do
		nft list table $shape_table 2>/dev/null
	done
	"$WG" showconf wgq | tr -s ", " "\n" | sort
	cat /sys/class/net/wgq/mtu /proc/sys/net/ipv4/conf/all/src_valid_mark /run/resolvconf.fake/* 2>/dev/null
	:
}

# unchanged NAME: the picture is that of $before.
unchanged()
{
	check "$1" same "$before" "$(picture)"
}
