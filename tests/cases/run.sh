#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sh tests/cases/run.sh [CASE...]: the cases of wg-tun and wg-quick, each in namespaces of its own, by
# itself all of tun/ and quick/. Those that say `# beside others:` run at the same time as the rest, which
# run one after the other.
cd "$(dirname "$0")/../.." || exit 1
. tests/tool.sh
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM

# one CASE: what it prints is in $results; a case that ended badly, or checked nothing, has failed.
one()
{
	name=$(basename "$(dirname "$1")")/$(basename "${1%.*}")
	out=$results/$(echo "$name" | tr / -)
	case $1 in
	*.py) set -- /usr/bin/python3 -B "$1" ;;
	*) set -- sh "$1" ;;
	esac
	begin=$(date +%s)
	timeout -k 5 "${CASE_SECONDS:-240}" "$@" >"$out" 2>&1 </dev/null
	status=$?
	[ $status = 0 ] || grep -q '^not ok ' "$out" || {
		sed -i 's/^/# /' "$out"
		echo "not ok $name: ended with status $status" | cat - "$out" >"$out.failed"
		mv "$out.failed" "$out"
	}
	grep -q '^\(ok\|not ok\|skip\) ' "$out" || echo "not ok $name: tested nothing" >>"$out"
	echo "-- $name: $(($(date +%s) - begin)) s" >>"$out"
}

[ $# != 0 ] || set -- tests/cases/tun/*.py $(grep -l '^#!' tests/cases/quick/*.sh)
beside=$(grep -l '^# beside others: ' "$@")
for f in $beside; do
	one "$f" &
done
for f; do
	case " $(echo $beside) " in
	*" $f "*) ;;
	*) one "$f" ;;
	esac
done
wait
cat "$results"/*
! grep -q '^not ok ' "$results"/*
