#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# `AllowedIPs = 0.0.0.0/0, !10.0.0.0/8': what strip prints for random lists is the shortest list for
# the same addresses, as Python's ipaddress finds it.
. "$(dirname "$0")/../tool.sh"
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
seed=$(date +%s)
# Each run makes others; WG_TEST_FULL makes a hundred thousand at once.
cases=20000
[ -z "${WG_TEST_FULL-}" ] || cases=100000
python3 "$here/exclusions.py" make "$seed" "$cases" >"$dir/many.conf"
chmod 600 "$dir/many.conf"
check "strip of $cases exclusions" sh -c '"$1" strip "$2/many.conf" >"$2/stripped"' - "$WG_QUICK" "$dir"
check "each list is minimal, disjoint and right (seed $seed)" \
	python3 "$here/exclusions.py" compare "$seed" "$cases" <"$dir/stripped"
finish
