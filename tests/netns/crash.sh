#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `up`, `down` and `repair` killed at every step boundary, and every change to the kernel reported as failed:
# after `down`, nothing is left, and after a second `repair` all is there. (reload.sh does so for `reload`.) Needs a wg-quick built with TESTHOOKS=1.
. "$(dirname "$0")/../tool.sh"
if [ ! -x "$WG_QUICK_TESTHOOKS" ]; then
	not_ok "there is a wg-quick built with TESTHOOKS=1 ($WG_QUICK_TESTHOOKS)"
	finish
fi
alone "$@"
. "$(dirname "$0")/lib.sh"
Q=$WG_QUICK_TESTHOOKS
log=/run/log

quick_setup
mkdir -p /run/hooks
conf wgq "Address = 10.66.0.2/32, fd66::2/128" "DNS = 1.1.1.1, corp.example" \
	"PreUp = touch /run/hooks/%i.pre" "PostUp = ip rule add priority 700 lookup 700" \
	"PreDown = ip rule delete priority 700 lookup 700 || true" \
	"PostDown = rm -f /run/hooks/%i.pre"
before=$(picture)

# What is wrong, if anything, after `down` has had its chance.
residue()
{
	"$Q" down /run/conf/wgq.conf >>$log 2>&1 ||
		grep -q "is not a WireGuard interface" $log || echo "down ended with $?"
	same "$before" "$(picture)"
}

# A run tries every third place, and others than the run before; WG_TEST_FULL tries all. Under emulation one place
# takes several seconds.
stride=3
[ -z "${WG_TEST_FULL-}" ] || stride=1
[ -z "${WG_TEST_VM-}" ] || stride=4
first=$(($(date +%s) % stride))

# each VARIABLE COUNT WHAT COMMAND...: the command with VARIABLE=1 to COUNT.
each()
{
	each_variable=$1 each_count=$2 each_what=$3 each_bad=0 each_tried=0
	shift 3
	for each_n in $(seq $((1 + first)) $stride "$each_count"); do
		: >$log
		each_tried=$((each_tried + 1))
		"$@" "$each_variable=$each_n" 2>/dev/null # bash says "Killed"
		if ! found=$(residue) || [ -n "$found" ]; then
			each_bad=$((each_bad + 1))
			echo "at $each_n:" >>/run/bad
			echo "$found" >>/run/bad
			cat $log >>/run/bad
		fi
	done
	if [ "$each_tried" -gt 0 ] && [ "$each_bad" = 0 ]; then
		ok "$each_what ($each_tried of $each_count places)"
	else
		not_ok "$each_what ($each_bad of $each_tried places, of $each_count)" /run/bad
	fi
	rm -f /run/bad
}

up_with() { env "$1" "$Q" up /run/conf/wgq.conf >>$log 2>&1; }
down_with()
{
	"$Q" up /run/conf/wgq.conf >>$log 2>&1 || echo "up failed" >>/run/bad
	env "$1" "$Q" down /run/conf/wgq.conf >>$log 2>&1
}

env WG_TEST_COUNT=/run/up "$Q" up /run/conf/wgq.conf >$log 2>&1
check "up" test $? = 0
env WG_TEST_COUNT=/run/down "$Q" down /run/conf/wgq.conf >>$log 2>&1
check "down" test $? = 0
unchanged "down leaves nothing"
read -r up_boundaries up_calls </run/up
read -r down_boundaries down_calls </run/down

each WG_TEST_KILL_AT "$up_boundaries" "up killed, then down" up_with
each WG_TEST_FAIL_AT "$up_calls" "a change by up fails, then down" up_with
each WG_TEST_KILL_AT "$down_boundaries" "down killed, then down again" down_with
each WG_TEST_FAIL_AT "$down_calls" "a change by down fails, then down again" down_with

### Repair
# Takes from the tunnel most of what others can take.
take_away()
{
	ip link set wgq down
	ip address delete 10.66.0.2/32 dev wgq
	ip -6 address delete fd66::2/128 dev wgq
	for take_family in 4 6; do
		ip -$take_family rule flush protocol 87
	done
	ip link set wgq up
	nft delete table ip wg-quick-wgq
	nft flush chain ip6 wg-quick-wgq preraw
	"$WG" set wgq fwmark 0
	sysctl -qw net.ipv4.conf.all.src_valid_mark=0
} 2>/dev/null
"$Q" up /run/conf/wgq.conf >$log 2>&1
whole=$(shape)
others=$(ip -4 rule | grep -v 'proto 87'; ip link show up0; nft list table inet foreign)
take_away
check "something is taken away" sh -c '[ "$0" != "$1" ]' "$whole" "$(shape)"
env WG_TEST_COUNT=/run/repair "$Q" repair /run/conf/wgq.conf >$log 2>&1
check "repair" test $? = 0
check "puts it back" diff <(echo "$whole") <(shape)
read -r boundaries calls </run/repair
# each_repair VARIABLE COUNT [COMMAND...]: takes away, runs the command, repairs with the fault, repairs.
each_repair()
{
	each_variable=$1 each_count=$2
	shift 2
	: >/run/bad
	for n in $(seq $((1 + first)) $stride "$each_count"); do
		take_away
		"$@"
		env "$each_variable=$n" "$Q" repair /run/conf/wgq.conf >$log 2>&1
		"$Q" repair /run/conf/wgq.conf >>$log 2>&1 || echo "$n: the second one fails" >>/run/bad
		diff <(echo "$whole") <(shape) >/run/difference || { echo "at $n:"; cat /run/difference $log; } >>/run/bad
		[ -z "$("$Q" repair /run/conf/wgq.conf 2>&1)" ] || echo "$n: the third one has something to do" >>/run/bad
	done 2>/dev/null
}
each_repair WG_TEST_KILL_AT "$boundaries"
check "repair killed at places of $boundaries can be repeated" same "" "$(cat /run/bad)"
each_repair WG_TEST_FAIL_AT "$calls"
check "and after failures of $calls changes" same "" "$(cat /run/bad)"
lose_journal() { rm -f /run/wireguard-quick/*.state; }
each_repair WG_TEST_KILL_AT "$boundaries" lose_journal
check "repair without a journal killed at places of $boundaries can be repeated" same "" "$(cat /run/bad)"
each_repair WG_TEST_FAIL_AT "$calls" lose_journal
check "and after failures of $calls changes" same "" "$(cat /run/bad)"
check "what is others' is as it was" same "$others" \
	"$(ip -4 rule | grep -v 'proto 87'; ip link show up0; nft list table inet foreign)"
down_after()
{
	"$Q" up /run/conf/wgq.conf >>$log 2>&1
	take_away
	env "$1" "$Q" repair /run/conf/wgq.conf >>$log 2>&1
}
each WG_TEST_KILL_AT "$boundaries" "repair killed, then down" down_after
each WG_TEST_FAIL_AT "$calls" "a change by repair fails, then down" down_after

### Reloads that fail without a journal: what the firewall was is not known, and it stays
"$Q" up /run/conf/wgq.conf >$log 2>&1
tables=$(nft list tables)
cp /run/conf/wgq.conf /run/wgq.conf.before
sed -i 's/^Address = .*/&, 10.66.0.3/; s/^AllowedIPs = .*/&, 10.10.0.0\/16/' /run/conf/wgq.conf
lose_journal
for n in first second; do
	check "the $n reload without a journal fails" sh -c '! WG_TEST_FAIL_AT=3 "$0" reload /run/conf/wgq.conf' "$Q"
	check "the firewall stays" same "$tables" "$(nft list tables)"
done
cp /run/wgq.conf.before /run/conf/wgq.conf
check "down leaves nothing" same "" "$(residue)"
finish
