#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# src/lib/net/nft.c against nft: the table of a full tunnel as `nft -j list` shows it, byte for byte but
# for the handles, in a namespace for each case.
. "$(dirname "$0")/../tool.sh"
TOOL="${NET_TOOL:-$top/build/tests/netns/net-tool}"
T="timeout 20 $TOOL"
V4="nft load 4 t0 51820 10.66.0.2/24 10.77.0.3/32 fd77::5/128"
V6="nft load 6 t0 51820 fd77::5/128 10.66.0.2/24 fd66::2/64"

# What upstream's wg-quick loads, as `nft list ruleset` printed it.
expected()
{
	cat <<'END'
table ip wg-quick-t0 {
	chain preraw {
		type filter hook prerouting priority raw; policy accept;
		iifname != "t0" ip daddr 10.66.0.2 fib saddr type != local drop
		iifname != "t0" ip daddr 10.77.0.3 fib saddr type != local drop
	}

	chain premangle {
		type filter hook prerouting priority mangle; policy accept;
		meta l4proto udp meta mark set ct mark
	}

	chain postmangle {
		type filter hook postrouting priority mangle; policy accept;
		meta l4proto udp meta mark 0x0000ca6c ct mark set meta mark
	}
}
table ip6 wg-quick-t0 {
	chain preraw {
		type filter hook prerouting priority raw; policy accept;
		iifname != "t0" ip6 daddr fd77::5 fib saddr type != local drop
		iifname != "t0" ip6 daddr fd66::2 fib saddr type != local drop
	}

	chain premangle {
		type filter hook prerouting priority mangle; policy accept;
		meta l4proto udp meta mark set ct mark
	}

	chain postmangle {
		type filter hook postrouting priority mangle; policy accept;
		meta l4proto udp meta mark 0x0000ca6c ct mark set meta mark
	}
}
END
}

ruleset()
{
	nft -j list ruleset | sed -E 's/"handle": [0-9]+/"handle": N/g'
}

case_listing()
{
	$T $V4 , $V6 && same "$(expected)" "$(nft list ruleset)"
}

# Loaded by nft, the same text gives the same objects, to the last field of the JSON.
case_like_nft()
{
	$T $V4 , $V6 || return
	like_ours=$(ruleset)
	nft flush ruleset && expected | nft -f - || return
	same "$(ruleset)" "$like_ours"
}

case_text()
{
	$T $V4 , $V6 || return
	text_ours=$(ruleset)
	nft flush ruleset || return
	$T nft text ${V4#nft load } | nft -f - && $T nft text ${V6#nft load } | nft -f - || return
	same "$text_ours" "$(ruleset)" || return
	# It replaces as the batch does.
	$T nft text ${V4#nft load } | nft -f - && $T nft text ${V6#nft load } | nft -f - || return
	same "$text_ours" "$(ruleset)"
}

# One transaction: a listener sees the old table go and the new one come in a single generation.
case_replace()
{
	$T nft load 4 t0 1 10.0.0.1/32 && nft add rule ip wg-quick-t0 preraw counter || return
	nft monitor >"$replace_log" & replace_pid=$!
	sleep 0.3
	$T $V4
	sleep 0.3
	kill $replace_pid
	same 1 "$(grep -c '^# new generation' "$replace_log")" || return
	same "$(expected | sed '/^table ip6/,$d')" "$(nft list ruleset)"
}

case_drop()
{
	nft add table ip other && nft add table ip wg-quick-t01 || return
	drop_before=$(nft list ruleset)
	$T $V4 , $V6 && $T nft-drop 4 t0 , nft-drop 6 t0 || return
	same "$drop_before" "$(nft list ruleset)" || return
	$T nft-drop 4 t0 , nft-drop 6 t0 && same "$drop_before" "$(nft list ruleset)"
}

case_thousands()
{
	$T nft load 4 t0 7 +1000 && same 1000 "$(nft list ruleset | grep -c drop)" || return
	$T nft load 6 t0 7 +5000 && same 5000 "$(nft list table ip6 wg-quick-t0 | grep -c drop)"
}

case_names()
{
	$T nft load 4 'a=b+c.d-e_f1234' 7 10.0.0.1/32 || return
	nft list ruleset | grep -qF 'table ip wg-quick-a=b+c.d-e_f1234 {' &&
	nft list ruleset | grep -qF 'iifname != "a=b+c.d-e_f1234" '
}

# The table that is there, held against what would be loaded: the mark, each address, nothing more.
case_compare()
{
	$T $V4 , $V6 || return
	same "same same" "$($T nft same ${V4#nft load }) $($T nft same ${V6#nft load })" || return
	same "other other other none" "$($T nft same 4 t0 51821 10.66.0.2/24 10.77.0.3/32) $(
		$T nft same 4 t0 51820 10.77.0.3/32 10.66.0.2/24) $($T nft same 4 t0 51820 10.66.0.2/24) $(
		$T nft same 4 t1 51820 10.66.0.2/24)" || return
	$T nft load 4 t0 7 +1000 && same same "$($T nft same 4 t0 7 +1000)" || return
	nft add rule ip wg-quick-t0 preraw counter && same other "$($T nft same 4 t0 7 +1000)" || return
	nft flush chain ip wg-quick-t0 preraw && same other "$($T nft same 4 t0 7 +1000)" || return
	same same "$($T nft same 4 t0 7)"
}

case_eperm()
{
	same "cannot load nftables table wg-quick-t0: Operation not permitted (1)" \
		"$(setpriv --bounding-set=-net_admin --inh-caps=-net_admin timeout 20 "$TOOL" $V4 2>&1)"
}

if [ $# -gt 0 ]; then
	replace_log=$(mktemp)
	trap 'rm -f "$replace_log"' EXIT
	"case_$1"
	exit
fi

[ "$(id -u)" = 0 ] || { skip nft "not root"; exit 0; }
unshare -n nft add table ip probe 2>/dev/null || { skip nft "no nftables here"; exit 0; }
for name in listing like_nft text replace drop thousands names compare eperm; do
	check "nft: $name" unshare -n sh "$0" $name
done
finish
