#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `up` and `down` killed at every step boundary, and every change to the kernel reported as failed:
# after `down`, nothing is left. Needs a wg-quick built with TESTHOOKS=1.
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

# Under emulation one place takes several seconds.
stride=1
[ -z "${WG_TEST_VM-}" ] || stride=4

# each VARIABLE COUNT WHAT COMMAND...: the command with VARIABLE=1 to COUNT.
each()
{
	each_variable=$1 each_count=$2 each_what=$3 each_bad=0
	shift 3
	for each_n in $(seq 1 $stride "$each_count"); do
		: >$log
		"$@" "$each_variable=$each_n" 2>/dev/null # bash says "Killed"
		if ! found=$(residue) || [ -n "$found" ]; then
			each_bad=$((each_bad + 1))
			echo "at $each_n:" >>/run/bad
			echo "$found" >>/run/bad
			cat $log >>/run/bad
		fi
	done
	if [ "$each_count" -gt 0 ] && [ "$each_bad" = 0 ]; then
		ok "$each_what ($(((each_count + stride - 1) / stride)) places)"
	else
		not_ok "$each_what ($each_bad of $each_count places)" /run/bad
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
finish
