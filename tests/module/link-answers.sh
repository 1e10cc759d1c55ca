#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Prints what a link of the kind "wireguard" tells the tools: attributes, offloads, limits of the MTU, what
# cannot be changed. `= ...` lines, which as-in-tree.sh compares.
. "$(dirname "$0")/../tool.sh"
alone "$@"
modprobe wireguard 2>/dev/null || :
mkdir -p /run/netns

answers() { "$@" 2>&1 | sed 's/^/= /'; }
echo "= -- offloads"
ip link add wg0 type wireguard
answers ethtool -k wg0
echo "= -- driver"
answers ethtool -i wg0
echo "= -- attributes"
# Where the kernel shows them: limits, queues, headroom, what it nests in.
ip -d -j link show wg0 | /usr/bin/python3 -c '
import json, sys
link = json.load(sys.stdin)[0]
for key in sorted(link):
	if key not in ("ifindex", "address", "broadcast"):
		print("=", key, link[key])'
for f in addr_len dev_id dev_port flags gro_flush_timeout name_assign_type napi_defer_hard_irqs netdev_group \
	proto_down threaded tx_queue_len type; do
	echo "= $f $(cat "/sys/class/net/wg0/$f" 2>&1)"
done
answers ls /sys/class/net/wg0/queues
for mtu in 0 1 67 68 1279 1280 1420 65535 65536 2147483552 2147483567 2147483568 2147483647; do
	ip link set wg0 mtu $mtu 2>/dev/null
	echo "= mtu $mtu: $? $(cat /sys/class/net/wg0/mtu)"
done
echo "= -- changes"
ip link set wg0 mtu 1420
for what in "address 02:00:00:00:00:01" "broadcast 02:00:00:00:00:01" "txqueuelen 5" "arp on" "multicast on" \
	"allmulticast on" "promisc on" "carrier off" "carrier on" "alias x" "group 5" "numtxqueues 4"; do
	# shellcheck disable=SC2086
	ip link set wg0 $what 2>/dev/null
	echo "= $what: $?"
done
for what in tso gso gro tx sg rx tx-udp-segmentation lro rxvlan rx-gro-list rx-udp-gro-forwarding hw-tc-offload; do
	ethtool -K wg0 $what off >/dev/null 2>&1
	echo "= $what off: $?"
	ethtool -K wg0 $what on >/dev/null 2>&1
	echo "= $what on: $?"
done
answers ethtool -k wg0
echo "= -- namespaces"
ip netns add one
ip link set wg0 netns one
echo "= moves: $?"
ip -n one link set wg0 up
echo "= $(ip -n one -o link show wg0 | sed 's/^[0-9]*: //')"
echo "= in4 $(ip netns exec one sysctl net.ipv4.conf.all.send_redirects net.ipv4.conf.wg0.send_redirects | tr '\n' ' ')"
echo "= in6 $(ip netns exec one sysctl net.ipv6.conf.wg0.addr_gen_mode | tr '\n' ' ')"
echo "= other namespace: $(sysctl net.ipv4.conf.all.send_redirects)"
echo "= -- upper and lower"
ip -n one link add br0 type bridge
ip -n one link set wg0 master br0 2>/dev/null
echo "= bridge: $?"
ip -n one link add vrf0 type vrf table 10
ip -n one link set wg0 master vrf0 2>/dev/null
echo "= vrf: $?"
ip -n one link add link wg0 name v5 type vlan id 5 2>/dev/null
echo "= vlan: $?"
ip -n one link add link wg0 name mv type macvlan 2>/dev/null
echo "= macvlan: $?"
ip netns exec one tc qdisc add dev wg0 root pfifo 2>/dev/null
echo "= qdisc: $?"
echo "= -- statistics"
ip -n one -j -s link show wg0 | /usr/bin/python3 -c '
import json, sys
for way, n in json.load(sys.stdin)[0]["stats64"].items():
	print("=", way, sorted(n.items()))'
ok "answers of a link came"
finish
