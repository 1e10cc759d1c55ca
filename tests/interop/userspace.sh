#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wg-tun with other userspace WireGuards, and with itself: cases.sh, with all of them at once. A session
# is renewed after two minutes; that runs beside everything else.
#
#	[ sl ] wg-tun --- wg-tun [ sr ]     [ gl ] wg-tun --- Debian 12's wireguard-go [ gr ]
#	[ nl ] wg-tun --- sid's wireguard-go [ nr ]
#	and for renewed sessions the same again, twice
. "$(dirname "$0")/../tool.sh"
[ -n "${WG_TEST_ALONE-}" ] || sh "$top/tests/wireguard-go.sh" || exit 1
alone "$@"
. "$(dirname "$0")/../pair.sh"
. "$(dirname "$0")/cases.sh"
mkdir -p /run/out

# beside NAME COMMAND...: in the background, its output for later.
jobs=
beside()
{
	beside_name=$1
	shift
	("$@") >"/run/out/$beside_name" 2>&1 </dev/null &
	jobs="$jobs $!"
}

pairing()
{
	PAIR=$1 OTHER=$2
	shift 2
	"$@"
}

for p in s:ours g:go n:go-sid; do
	beside "$p-l" pairing "${p%:*}a" "${p#*:}" rekeys l
	[ "$p" = s:ours ] || beside "$p-r" pairing "${p%:*}b" "${p#*:}" rekeys r
done
for p in s:ours g:go n:go-sid; do
	beside "$p" pairing "${p%:*}" "${p#*:}" cases
done
wait $jobs
cat /run/out/*
failures=$(cat /run/out/* | grep -c '^not ok ')
finish
