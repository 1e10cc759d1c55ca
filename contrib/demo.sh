#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sudo sh contrib/demo.sh: builds wirekit and connects two hosts with it. The hosts are network
# namespaces of this machine, so nothing of its own network is touched, and nothing is left behind
# but the build folder: the script looks, and fails if there is. Safe to interrupt.
set -e
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
wg=$top/build/wg/wg
wg_quick=$top/build/wg-quick/wg-quick
hosts="alice bob"

say()
{
	printf '\n*** %s\n' "$*"
}

die()
{
	echo "demo.sh: $*" >&2
	exit 1
}

on() # HOST COMMAND...
{
	host=$1
	shift
	timeout 60 ip netns exec "wkdemo-$host" "$@"
}

# What a tunnel could leave on a machine: namespaces, links, files, data path processes.
traces()
{
	ip netns list | sed 's/ .*//; s/^/namespace /' | sort
	ls /sys/class/net | sed 's/^/link /'
	find /run/netns /run/wireguard /run/wireguard-quick /var/run/wireguard ! -type d 2>/dev/null | sort -u
	ps -e -o args= | grep '[w]g-tun.*wkdemo' || :
}

cleanup()
{
	status=$?
	trap '' INT TERM HUP
	trap - EXIT
	set +e
	for host in $hosts; do
		[ ! -e "$work/$host.up" ] || on $host "$wg_quick" down "$work/wkdemo-$host.conf" >/dev/null 2>&1
		[ ! -e "$work/$host.made" ] || {
			for pid in $(ip netns pids "wkdemo-$host"); do
				kill "$pid" 2>/dev/null
			done
			ip netns del "wkdemo-$host"
		}
	done
	rm -rf "$work"
	if [ -n "$new_netns" ]; then
		umount /run/netns 2>/dev/null
		rmdir /run/netns 2>/dev/null
	fi
	# A link goes in the background once its namespace is gone.
	for try in 1 2 3 4 5 6 7 8 9 10; do
		after=$(traces)
		[ "$before" != "$after" ] || break
		sleep 0.5
	done
	if [ "$before" = "$after" ]; then
		echo "Nothing is left behind: no namespace, no link, no file, no process."
	else
		echo "demo.sh: this was left behind; before and after:" >&2
		printf '%s\n---\n%s\n' "$before" "$after" >&2
		[ "$status" != 0 ] || status=1
	fi
	exit "$status"
}

config() # HOST PEER LAST-NUMBER PEER-NUMBER
{
	cat >"$work/wkdemo-$1.conf" <<-END
		[Interface]
		PrivateKey = $(cat "$work/$1.key")
		ListenPort = 51820
		Address = 10.66.0.$3/24, fd66::$3/64

		[Peer]
		PublicKey = $("$wg" pubkey <"$work/$2.key")
		AllowedIPs = 10.66.0.$4/32, fd66::$4/128
		Endpoint = 192.0.2.$4:51820
	END
}

[ "$(id -u)" = 0 ] || die "the demo needs root, to make network namespaces: run \`sudo sh contrib/demo.sh\`"
say "Making sure that what building needs is there"
sh tests/deps.sh demo
if ! unshare -n ip link add wkprobe type wireguard 2>/dev/null; then
	echo "This kernel has no WireGuard: wg-quick will use wirekit's own data path, wg-tun."
fi

say "Building wg, wg-quick and wg-tun into build/"
make -s all
"$wg" --version

new_netns=
[ -d /run/netns ] || new_netns=yes
before=$(traces)
for host in $hosts; do
	[ ! -e "/run/netns/wkdemo-$host" ] || die "a network namespace wkdemo-$host is there already"
done
umask 077
work=$(mktemp -d)
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

say "Two hosts, alice (192.0.2.1) and bob (192.0.2.2), joined by a cable"
for host in $hosts; do
	touch "$work/$host.made"
	ip netns add "wkdemo-$host"
	ip -n "wkdemo-$host" link set lo up
done
ip -n wkdemo-alice link add eth0 type veth peer name eth0 netns wkdemo-bob
ip -n wkdemo-alice address add 192.0.2.1/24 dev eth0
ip -n wkdemo-bob address add 192.0.2.2/24 dev eth0
ip -n wkdemo-alice link set eth0 up
ip -n wkdemo-bob link set eth0 up

say "Each makes its key with \`wg genkey\`; the files only root can read"
"$wg" genkey >"$work/alice.key"
"$wg" genkey >"$work/bob.key"
config alice bob 1 2
config bob alice 2 1
sed 's/^PrivateKey = .*/PrivateKey = (hidden)/' "$work/wkdemo-alice.conf"

for host in $hosts; do
	say "$host: wg-quick up"
	touch "$work/$host.up"
	on $host "$wg_quick" up "$work/wkdemo-$host.conf"
done

say "alice pings bob through the tunnel"
on alice ping -c 3 -i 0.3 -W 5 10.66.0.2

say "How fast is it? Four seconds of TCP through the tunnel"
on bob iperf3 -s -1 -B 10.66.0.2 >/dev/null 2>&1 &
for try in 1 2 3 4 5 6 7 8 9 10; do
	[ -z "$(on bob ss -Hltn 'sport = :5201')" ] || break
	sleep 0.2
done
on alice iperf3 -c 10.66.0.2 -t 4 -f m >"$work/iperf3" || die "iperf3 failed: $(cat "$work/iperf3")"
sed -n 's/.* \([0-9.]* Mbits\/sec\).*receiver/\1 through the tunnel/p' "$work/iperf3"
wait

say "What alice's \`wg show\` says"
on alice "$wg" show wkdemo-alice

for host in $hosts; do
	say "$host: wg-quick down"
	on $host "$wg_quick" down "$work/wkdemo-$host.conf"
	rm "$work/$host.up"
	[ -z "$(ip -n wkdemo-$host link show "wkdemo-$host" 2>/dev/null)" ] || die "$host still has its tunnel"
done

say "Done; putting everything away"
