#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Our module with itself and with the userspace WireGuards, in a test machine (../vm/run.sh ... --module):
# ../interop/cases.sh. Sessions are renewed beside everything else, floods have the machine for themselves.
#
#	[ kl ] module --- module [ kr ]     [ tl ] module --- wg-tun [ tr ]
#	[ gl ] module --- Debian 12's wireguard-go [ gr ]
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/../pair.sh"
# What a processor of a machine that is emulated carries without losing any.
OURS=kernel OURS_NAME="the module" RATE=${RATE:-300}
. "$(dirname "$0")/../interop/cases.sh"
mkdir -p /run/out

pairing()
{
	PAIR=$1 OTHER=$2
	shift 2
	"$@"
}

only_floods()
{
	# A flood that no module notices leaves a daemon without a processor here.
	[ "$OTHER" = kernel ] || FLOOD_OTHER=1500
	begin_pair
	floods
	end_pair
}

pairs=${PAIRS:-k:kernel t:ours g:go}
jobs=
for p in $pairs; do
	[ -z "${WG_SLOW_TESTS-}" ] || for side in l r; do
		(pairing "${p%:*}$side" "${p#*:}" rekeys $side) >"/run/out/$p$side" 2>&1 </dev/null &
		jobs="$jobs $!"
	done
done
for p in $pairs; do
	(NO_FLOOD=1 && pairing "${p%:*}" "${p#*:}" cases) 2>&1 | tee "/run/out/$p"
done
[ -z "$jobs" ] || wait $jobs
for p in $pairs; do
	[ -z "${WG_SLOW_TESTS-}" ] || cat "/run/out/${p}l" "/run/out/${p}r"
	(pairing "${p%:*}f" "${p#*:}" only_floods) 2>&1 | tee "/run/out/${p}f"
done
failures=$(cat /run/out/* | grep -c '^not ok ')
finish
