#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs the examples of the man pages as they stand there, and holds the pages of commands against the tables of
# keys and verbs. A block is run if a comment before it says how:
#   ; test: alone        in an empty folder
#   ; test: device       in an empty folder, where an interface wg0 exists
#   ; test: file NAME    is the text of /etc/wireguard/NAME.conf
#   ; test: run NAME     with that file
#   ; test: up NAME      with that file, the tunnel being up
# Each runs in a network namespace of its own, so the page's names are free to use.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
WG=${WG:-$top/build/wg/wg}
WG_QUICK=${WG_QUICK:-$top/build/wg-quick/wg-quick}
export WG_TUN=${WG_TUN:-$top/build/tun/wg-tun}
work=$(mktemp -d)
made=
# A folder to mount on; what is in it stays out of sight.
[ -d /etc/wireguard ] || { mkdir -m 700 /etc/wireguard && made=yes; }
trap 'rm -rf "$work"; [ -z "$made" ] || rmdir /etc/wireguard' EXIT
failed=0

report() { # STATUS NAME
	if [ "$1" = 0 ]; then
		echo "ok man: $2"
	else
		echo "not ok man: $2"
		sed 's/^/  /' "$work/output"
		failed=1
	fi
}

# Without this a list that a change of its source has emptied would pass every check of its entries.
has_entries() { # LIST NAME
	: > "$work/output"
	[ -n "$1" ]
	report $? "$2"
}

# blocks PAGE: writes N.kind and N.text into $work/PAGE for each block with a test comment.
blocks() {
	mkdir -p "$work/$1"
	awk -v dir="$work/$1" '
		/^; test: / { kind = substr($0, 9); next }
		/^```/ && !open { open = 1; if (kind != "") { n++; print kind > (dir "/" n ".kind") } next }
		/^```/ { open = 0; kind = ""; next }
		open && kind != "" { print > (dir "/" n ".text") }
	' "$top/man/$1.scd"
}

cat > "$work/inside" <<'END'
# KIND NAME TEXT: in a fresh network and mount namespace
set -e
mount -t tmpfs none /run
mkdir -p /run/wireguard
mount -t tmpfs none /etc/wireguard
mkdir /run/bin /run/work
ln -s "$WG" /run/bin/wg
ln -s "$WG_QUICK" /run/bin/wg-quick
ln -s "$WG_TUN" /run/bin/wg-tun
PATH=/run/bin:$PATH
ip link set lo up
cd /run/work
[ -z "${CONF-}" ] || install -m 600 "$CONF" "/etc/wireguard/$2.conf"
case $1 in
device) ip link add wg0 type wireguard 2>/dev/null || wg-tun wg0 ;;
up) wg-quick up "$2" ;;
esac
status=0
bash -e "$3" || status=$?
ip link del wg0 2>/dev/null || true
exit $status
END

for page in wg.8 wg-quick.8 wirekit.7; do
	blocks $page
	CONF=
	has_entries "$(find "$work/$page" -name '*.kind')" "$page has blocks to run"
	for kind in "$work/$page"/*.kind; do
		read -r how name < "$kind"
		text=${kind%.kind}.text
		if [ "$how" = file ]; then
			CONF=$text
			continue
		fi
		CONF=$CONF WG=$WG WG_QUICK=$WG_QUICK unshare -n -m \
			bash "$work/inside" "$how" "$name" "$text" > "$work/output" 2>&1
		report $? "$page: $(head -n 1 "$text")"
	done
done

# Every key that a parser knows, and every verb and option, stands in its page.
: > "$work/output"
keys_of() { # PAGE
	case $1 in
	wg.8) sed -n 's/.*\.key = "\([A-Za-z]*\)".*/\1/p' "$top/src/lib/device/setting.c" ;;
	wg-quick.8) sed -n '/^const struct config_key/,$s/^\t[^"]*"\([A-Za-z]*\)".*/\1/p' \
		"$top/src/wg-quick/config/config-keys.c" ;;
	esac
}
for page in wg.8 wg-quick.8; do
	keys=$(keys_of $page)
	has_entries "$keys" "$page: the parser has keys"
	for key in $keys; do
		grep -q "\*$key\*" "$top/man/$page.scd"
		report $? "$page names $key"
	done
done
for pair in "wg.8 $WG" "wg-quick.8 $WG_QUICK"; do
	read -r page program <<< "$pair"
	verbs=$("$program" __complete 1 x "" | cut -f 1 | grep -v -e ^- -e '^help$' -e '^version$')
	has_entries "$verbs" "$page: the program has verbs"
	all_options=
	for verb in $verbs; do
		grep -q "^\*$verb\*" "$top/man/$page.scd"
		report $? "$page has a section on $verb"
		# The synopsis of wg.8 is one line for all verbs.
		[ $page = wg.8 ] && continue
		sed -n '/^# SYNOPSIS/,/^# DESCRIPTION/p' "$top/man/$page.scd" | grep -q "\*$verb\*"
		report $? "$page has $verb in its synopsis"
		options=$("$program" __complete 2 x "$verb" - | cut -f 1 | grep -e ^-- | grep -v -x -e --help)
		all_options=$all_options$options
		for option in $options; do
			sed -n '/^# SYNOPSIS/,/^# DESCRIPTION/p' "$top/man/$page.scd" |
				grep "\*$verb\*" | grep -q -e "\*$option\*"
			report $? "$page has $verb $option in its synopsis"
			sed -n "/^\*$verb\*/,/^\*/p" "$top/man/$page.scd" | grep -q -e "\*$option\*"
			report $? "$page explains $verb $option"
		done
	done
	[ $page = wg.8 ] || has_entries "$all_options" "$page: the verbs have options"
done
exit $failed
