#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Holds our wg-quick against Debian's: for each configuration of quick-cases.sh, two equal fresh
# networks see the two `up`, and must then be the same: links, addresses, routes of all tables, rules,
# nftables, device, what hooks and resolvconf saw, exit status. After our `down` the network must be
# what it was before our `up`, to the byte; also after upstream's `up` and our `down`, and the other
# way. `strip` prints the same, and `save` writes the same over a file that upstream has saved. QUICK_CASES: only these.
here=$(dirname "$0")
. "$here/lib.sh"
[ -x "$ORACLE_WG_QUICK" ] || { echo "skip wg-quick.sh: no wireguard-tools at $ORACLE_WG_QUICK"; exit 0; }
need ip nft diff bash sysctl
enter "$@"
H=$T/hooks
. "$here/quick-cases.sh"
all_cases=$(sed -n 's/^conf_\(.*\)() {$/\1/p' "$here/quick-cases.sh")
# Under emulation one case takes some twenty seconds.
[ -z "$WG_TEST_VM" ] || QUICK_CASES=${QUICK_CASES:-"both full46 covered hook_fails"}
CASES_FILTERED=$QUICK_CASES

status_reason='upstream ends with the status of the program that failed, and ours starts none'
# The intended differences: CASE|WHY, as in wg.sh.
KNOWN="up-foreign_routes|$status_reason
up-bad_mtu|$status_reason
up-same_address_twice|$status_reason
up-save|the file is edited, and not written anew
up-save_hook|the file is edited, and not written anew
strip-save_odd|strip prints what is for wg and judges nothing
up-bad_table|$status_reason
up-mtu_largest_last|the smallest of the MTUs, as in later upstream
up-hook_comment|hooks keep what follows a #, as in later upstream
up-hook_sees_link|PreUp runs when the link is there, as in later upstream
save-hooks_many|with bash 5.2 upstream damages hooks that hold an ampersand
up-hook_fails|src_valid_mark is put back"

# --- in a network of its own ---

network() {
	for key in default/accept_dad=0 default/addr_gen_mode=1 all/accept_dad=0; do
		echo "${key#*=}" >"/proc/sys/net/ipv6/conf/${key%=*}"
	done
	ip link set lo up
	ip link add up0 address 02:00:00:00:00:02 type veth peer name far0 address 02:00:00:00:00:01
	ip link set far0 mtu 9000 up
	ip link set up0 mtu 1500 up
	while ip -j link | grep -q LOWERLAYERDOWN; do sleep 0.01; done
	ip address add 192.0.2.2/24 dev up0
	ip -6 address add 2001:db8::2/64 dev up0
	ip route add default via 192.0.2.1
	ip -6 route add default via 2001:db8::1
	# Belongs to somebody else, and must stay.
	nft 'add table inet foreign; add chain inet foreign c { type filter hook input priority 0; }'
	nft 'add rule inet foreign c counter accept'
	ip route add 203.0.113.0/24 via 192.0.2.1 table 4242
	command -v "setup_$1" >/dev/null && "setup_$1"
}

lines() {
	sed 's/},{/},\n{/g'
}

# snapshot FILE: all that wg-quick might change.
snapshot() {
	# The kernel checks addresses for duplicates in the background, however short that is.
	for try in $(seq 100); do
		[ -n "$(ip -6 address show tentative)" ] || break
		sleep 0.05
	done
	{
		ip -j -d link | lines
		ip -j -d address | lines
		ip -j -d route show table all | lines
		ip -j -d -6 route show table all | lines
		ip -j -d rule | lines
		ip -j -d -6 rule | lines
		nft -j list ruleset | sed 's/"packets": [0-9]*, "bytes": [0-9]*/"packets": 0, "bytes": 0/' | lines
		echo "src_valid_mark $(cat /proc/sys/net/ipv4/conf/all/src_valid_mark)"
	} >"$1"
}

# tool WHO VERB CONF: its status in $T/WHO.status; where it speaks is $T/stderr.
tool() {
	tool=$ORACLE_WG_QUICK bin=$(dirname "$ORACLE_WG")
	[ "$1" = theirs ] || tool=$WG_QUICK bin=$(dirname "$WG")
	echo "== $2" >>"$D/stderr"
	PATH=$T/bin:$bin:$PATH "$tool" "$2" "$3" </dev/null >>"$D/stdout" 2>>"$D/stderr"
	echo "$2 status $?" >>"$D/status"
}

# A userspace data path ends after its link.
wait_gone() {
	tries=0
	while [ -e /run/wireguard/wgq.sock ] && [ "$tries" -lt 60 ]; do
		sleep 0.05
		tries=$((tries + 1))
	done
}

# The steps of one run: `one CASE UP-WHO DOWN-WHO`, results in $T/UP-WHO-DOWN-WHO.
one() {
	D=$T/$2-$3
	rm -rf "$D" /run/wireguard /run/wireguard-quick "$T/conf" "$T/dns"
	mkdir -p "$D" "$T/conf" /run/wireguard
	: >"$H"
	: >"$T/resolvconf"
	"conf_$1" >"$T/conf/wgq.conf"
	network "$1"
	snapshot "$D/before"
	tool "$2" up "$T/conf/wgq.conf"
	snapshot "$D/after"
	"$ORACLE_WG" show wgq dump >"$D/dump" 2>/dev/null
	tool "$3" down "$T/conf/wgq.conf"
	wait_gone
	snapshot "$D/final"
	mv "$H" "$D/hooks"
	mv "$T/resolvconf" "$D/resolvconf"
	mv "$T/conf/wgq.conf" "$D/conf"
}

run_one() {
	WIREKIT_INSIDE=2 unshare -n -m -p -f --kill-child --mount-proc sh "$0" --one "$@"
}

# --- what is compared ---

# Whose a route or rule is, numbers that the kernel gives out, how long an address lives, and what wg-tun
# makes of the MTU a moment later, are not compared; nor the order in which equal things were added.
plain() {
	sed -e 's/"protocol":\("87"\|87\|"boot"\|"unspec"\)/"protocol":"ours"/g' -e 's/"ifindex":[0-9]*/"ifindex":0/g' \
		-e 's/"handle": [0-9]*/"handle": 0/g' -e 's/"gso_max_size":[0-9]*/"gso_max_size":0/g' -e 's/"\(valid\|preferred\)_life_time":[0-9]*//g' \
		-e 's/},$/}/; s/^\[//; s/\]$//' | sort
}

# Ports above 32767 were chosen by the system.
seen() {
	grep . "$1/status"
	plain <"$1/after"
	awk -F '\t' -v OFS='\t' 'NF == 4 && $3 > 32767 { $3 = "chosen" } { print }' "$1/dump" | sort
	cat "$1/hooks" "$1/resolvconf"
	echo "== the file afterwards"
	cat "$1/conf"
}

no_sysctl() {
	grep -v '^src_valid_mark' "$1"
}

compare_case() {
	for who in theirs ours; do
		run_one "$1" $who $who || echo "# the run of $who ended with $?"
		seen "$T/$who-$who" >"$T/$who"
	done
	result "up-$1" "$(difference "$T/theirs" "$T/ours")"
	grep -q '^up status 0' "$T/theirs" && ! grep -q '^up status 0' "$T/ours" &&
		sed 's/^/# ours said: /' "$T/ours-ours/stderr"
	result "down-$1" "$(difference "$T/ours-ours/before" "$T/ours-ours/final")"
	run_one "$1" theirs ours
	no_sysctl "$T/theirs-ours/before" >"$T/theirs"
	no_sysctl "$T/theirs-ours/final" >"$T/ours"
	result "adopt-$1" "$(difference "$T/theirs" "$T/ours")"
	run_one "$1" ours theirs
	no_sysctl "$T/ours-theirs/before" >"$T/theirs"
	no_sysctl "$T/ours-theirs/final" >"$T/ours"
	result "leave-$1" "$(difference "$T/theirs" "$T/ours")"
}

compare_strip() {
	mkdir -p "$T/strip"
	"conf_$1" >"$T/strip/wgq.conf"
	for who in theirs ours; do
		D=$T
		rm -f "$T/stdout" "$T/status"
		tool $who strip "$T/strip/wgq.conf"
		cat "$T/stdout" "$T/status" >"$T/$who"
	done
	result "strip-$1" "$(difference "$T/theirs" "$T/ours")"
}

# Both save the same tunnel, which upstream made, over what upstream has saved of it. Ours edits a file; one
# that is in upstream's form stays in it, byte for byte.
save_inside() {
	network "$1"
	mkdir -p "$T/save/theirs" "$T/save/ours"
	D=$T/save
	rm -rf /run/wireguard /run/wireguard-quick "$T/dns"
	mkdir -p /run/wireguard
	"conf_$1" >"$T/save/theirs/wgq.conf"
	tool theirs up "$T/save/theirs/wgq.conf"
	tool theirs save "$T/save/theirs/wgq.conf"
	cp -p "$T/save/theirs/wgq.conf" "$T/save/ours/wgq.conf"
	tool ours save "$T/save/ours/wgq.conf"
	cmp -s "$T/save/theirs/wgq.conf" "$T/save/ours/wgq.conf" || echo "# save of what is saved" >>"$T/save/ours/wgq.conf"
	"$ORACLE_WG" set wgq listen-port 5005 peer $P3 allowed-ips 10.44.0.0/16 persistent-keepalive 7 2>/dev/null
	for who in theirs ours; do
		tool $who save "$T/save/$who/wgq.conf"
	done
	ip link del wgq 2>/dev/null
	wait_gone
}

compare_save() {
	rm -rf "$T/save"
	WIREKIT_INSIDE=2 unshare -n -m -p -f --kill-child --mount-proc sh "$0" --save "$1"
	save_differs=$(difference "$T/save/theirs/wgq.conf" "$T/save/ours/wgq.conf"
		sed -n '4{h;}; 5{H;x;s/\n/ and /p;}' "$T/save/status" | grep -v 'status \(.*\) and .* \1$')
	result "save-$1" "$save_differs"
}

fake_resolvconf() {
	mkdir -p "$T/bin"
	cat >"$T/bin/resolvconf" <<-END
		#!/bin/sh
		[ "\$1" != -l ] || { cat $T/dns 2>/dev/null; exit; }
		echo "resolvconf \$*" >>$T/resolvconf
		[ "\$1" != -a ] || tee $T/dns >>$T/resolvconf
	END
	chmod 755 "$T/bin/resolvconf"
	echo "$KEY" >"$T/key"
}

export LOG_LEVEL=error WG_ENDPOINT_RESOLUTION_RETRIES=1
case $1 in
--one)
	shift
	one "$@"
	exit
	;;
--save)
	save_inside "$2"
	exit
	;;
esac

find_device_kind
fake_resolvconf
for c in ${QUICK_CASES:-$all_cases}; do
	compare_case "$c"
	compare_strip "$c"
done
for c in ${QUICK_CASES:-v4 v6 both full46 save secrets fifty_peers comments odd_case hooks hooks_many dns_many \
	mark_full table_number no_peers endpoint_name key_by_hook}; do
	compare_save "$c"
done
finish
