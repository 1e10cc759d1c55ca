#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Images edit wg-quick with sed before they start it, as it was a script: they take out the line that
# sets src_valid_mark, which fails where /proc/sys cannot be written. Such an edit of a program would
# take out what stands between two newlines, and so ruin it; it must find nothing.
. "$(dirname "$0")/../../tool.sh"
alone "$@"

programs=("$WG" "$WG_QUICK")
[ ! -x "$WG_TUN" ] || programs+=("$WG_TUN")
edits=('/src_valid_mark/d' '/net\.ipv4\.conf\.all\.src_valid_mark/d' 's/^.*src_valid_mark.*$/:/'
	's:sysctl -q net.ipv4.conf.all.src_valid_mark=1:echo skipping:'
	's/&& cmd sysctl -q net.ipv4.conf.all.src_valid_mark=1//'
	's/\[\[ $proto == -4 \]\] && cmd sysctl -q net\.ipv4\.conf\.all\.src_valid_mark=1//'
	's/cmd sysctl -q net.ipv4.conf.all.src_valid_mark=1/cmd true/'
	's/sysctl -q net\.ipv4\.conf\.all\.src_valid_mark=1/sysctl -q net.ipv4.conf.all.src_valid_mark=1 || true/')
for program in "${programs[@]}"; do
	for edit in "${edits[@]}"; do
		cp -L "$program" /run/edited
		sed -i "$edit" /run/edited
		check "$(basename "$program"): sed -i '$edit'" cmp "$program" /run/edited
	done
done
finish
