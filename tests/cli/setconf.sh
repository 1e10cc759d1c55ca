#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# setconf, addconf and syncconf as a user sees them: first what needs no device, then a device in
# a network namespace of its own. $WG is the program under test; $ORACLE_WG, where it is set,
# must show the same and take the same files. One line per case; not 0 if any failed.
WG=${WG:-build/wg/wg}
. "${0%/*}/lib.sh"

conf() { printf "$@" > "$tmp/conf"; }
run() { "$WG" "$@" > "$tmp/out" 2> "$tmp/err"; }
# NAME TEXT COMMAND...: the command fails and says TEXT.
refuses()
{
	name=$1 text=$2
	shift 2
	! run "$@" && grep -qF -- "$text" "$tmp/err"
	ok "$name" $?
}
# NAME COMMAND...: the command succeeds without a word, and the device then shows as $tmp/want.
shows()
{
	name=$1
	shift
	run "$@" && [ ! -s "$tmp/err" ] && "$WG" show "$dev" dump > "$tmp/got" &&
		sorted "$tmp/got" | cmp -s - "$tmp/want" && oracle_agrees
	ok "$name" $?
}
P1=$(printf '\001%031d' 0 | base64) P2=$(printf '\002%031d' 0 | base64)
S1=wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=

"$WG" setconf > "$tmp/out" 2>&1; grep -q '^Missing argument: expected <interface>' "$tmp/out"; ok 'no interface' $?
refuses 'missing file' 'No such file or directory' setconf nosuch "$tmp/nosuch"
refuses 'long name' 'expected a name of 1 to 15' setconf abcdefghijklmnop /dev/null
conf '[Interface]\nListenPort = 70000\n'
refuses 'port, with its place' "$tmp/conf:2:14: port out of range" setconf nosuch "$tmp/conf"
conf '[Interface]\nPrivateKy = %s\n' "$S1"
refuses 'unknown key' "$tmp/conf:2:1: unknown key in [Interface]" setconf nosuch "$tmp/conf"
! grep -qF "$S1" "$tmp/err"; ok 'secret hidden' $?
conf '[Peer]\nAllowedIPs = ::/0\n'
refuses 'no public key' "$tmp/conf:1: this [Peer] has no PublicKey" addconf nosuch "$tmp/conf"
conf '[Peer]\nPublicKey = %s\nEndpoint = localhost:nosuchservice\n' "$P1"
refuses 'unknown service at once' "$tmp/conf:3:22: expected a port" syncconf nosuch "$tmp/conf"
conf '[Interface]\nListenPort = 5\0001\n'
refuses 'NUL' "$tmp/conf:2:15: a line of text cannot hold a NUL byte" setconf nosuch "$tmp/conf"
for verb in setconf addconf syncconf; do
	conf '[Interface]\nPrivateKey = %s\nAddress = 10.0.0.1/24\n' "$S1"
	refuses "$verb: a file of wg-quick's" "$tmp/conf:3:1: unknown key: Address is wg-quick's: use \`wg-quick up" \
		$verb nosuch "$tmp/conf"
	conf '\377\376[\000I\000\n\000'
	refuses "$verb: UTF-16" "$tmp/conf:1:1: the file is not text in UTF-8, but in UTF-16" $verb nosuch "$tmp/conf"
	conf '\357\273\277[Interface]\n'
	refuses "$verb: a byte order mark is no mistake" 'nable to ' $verb nosuch "$tmp/conf"
done
refuses 'folder' "cannot read $tmp: Is a directory" setconf nosuch "$tmp"
conf '# nothing\n'
refuses 'sync with nothing' "$tmp/conf has no section" syncconf nosuch "$tmp/conf"
conf '[Interface]\n'
refuses 'no device' 'Unable to modify interface' setconf nosuch "$tmp/conf"
refuses 'no device, nothing to add' 'Unable to modify interface' addconf nosuch "$tmp/conf"
refuses 'no device to read' 'Unable to access interface' syncconf nosuch "$tmp/conf"

with_device || { echo 'skip device: no wg-tun, or not root'; finish; }

conf '[Interface]\nPrivateKey = %s\nListenPort = 4242\nFwMark = 0x10\n[Peer]\nPublicKey = %s\n' \
	"$S1" "$P1"
printf 'AllowedIPs = 10.0.0.1/32, fd00::/64\nPersistentKeepalive = 25\n' >> "$tmp/conf"
run setconf "$dev" "$tmp/conf"; ok setconf $?
"$WG" show "$dev" dump > "$tmp/before"; sorted "$tmp/before" > "$tmp/want"
T=$(printf '\t')
{
	echo "$S1$T$("$WG" show "$dev" public-key)${T}4242${T}0x10"
	echo "$P1$T(none)$T(none)${T}10.0.0.1/32,fd00::/64${T}0${T}0${T}0${T}25"
} | sort | cmp -s - "$tmp/want"
ok 'setconf sets all' $?
shows 'syncconf of the same' syncconf "$dev" "$tmp/conf"
conf '[Peer]\nPublicKey = %s\nAllowedIPs=10.0.0.1,fd00::/64\nPersistentKeepalive=25\n' "$P1"
shows 'syncconf keeps what is not mentioned' syncconf "$dev" "$tmp/conf"
conf '[Peer]\nPublicKey = %s\nAllowedIPs = 10.0.0.1, fd00::/64\n' "$P2"
run addconf "$dev" "$tmp/conf"
[ "$("$WG" show "$dev" peers | wc -l)" = 2 ]; ok 'addconf adds' $?
[ "$("$WG" show "$dev" allowed-ips | grep -F "$P1" | cut -f 2)" = '(none)' ]; ok 'allowed IPs move' $?
oracle_agrees; ok 'the other wg agrees' $?
conf '[Peer]\nPublicKey = %s\nAllowedIPs=10.0.0.1\n[Peer]\nPublicKey=%s\nAllowedIPs=10.0.0.1\n' \
	"$P1" "$P2"
run syncconf "$dev" "$tmp/conf"; ok 'syncconf of an overlap' $?
"$WG" show "$dev" dump > "$tmp/before"; sorted "$tmp/before" > "$tmp/want"
shows 'the same overlap again' syncconf "$dev" "$tmp/conf"
printf '[Interface]\n[Peer]\nPublicKey = bad\n' > "$tmp/conf"
run setconf "$dev" "$tmp/conf"
"$WG" show "$dev" dump > "$tmp/got"; sorted "$tmp/got" | cmp -s - "$tmp/want"
ok 'a bad file changes nothing' $?
printf '[Interface]\n' > "$tmp/conf"
run syncconf "$dev" "$tmp/conf" && [ -z "$("$WG" show "$dev" peers)" ]; ok 'syncconf of no peers' $?
[ "$("$WG" show "$dev" fwmark)" = 0x10 ]; ok 'syncconf leaves the mark' $?
run setconf "$dev" /dev/stdin < /dev/null && [ "$("$WG" show "$dev" fwmark)" = off ] &&
	[ "$("$WG" show "$dev" private-key)" = '(none)' ]
ok 'setconf of nothing wipes' $?
# A file whose name begins with a dash, and an interface that is none.
cp "$tmp/conf" "$tmp/-x.conf"
WG=$(realpath "$WG")
for verb in setconf addconf syncconf; do
	(cd "$tmp" && "$WG" $verb "$dev" -x.conf) > "$tmp/err" 2>&1; ok "$verb: a file that begins with a dash" $?
done
finish
