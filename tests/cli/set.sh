#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# set as a user sees it: first what needs no device, then a device in a network namespace of its
# own. $WG is the program under test; $ORACLE_WG, where it is set, must show the same. One line per
# case; not 0 if any failed.
WG=${WG:-build/wg/wg}
. "${0%/*}/lib.sh"

# NAME TEXT ARGUMENTS...: refused with that text.
refuses()
{
	name=$1 text=$2
	shift 2
	! "$WG" set nosuch "$@" > "$tmp/out" 2> "$tmp/err" && grep -qF -- "$text" "$tmp/err"
	ok "$name" $?
}
# NAME PARAMETER VALUE ARGUMENTS...: done, and `wg show PARAMETER` then prints VALUE.
sets()
{
	name=$1 parameter=$2 value=$3
	shift 3
	"$WG" set "$dev" "$@" > "$tmp/out" 2>&1 && [ ! -s "$tmp/out" ] &&
		[ "$("$WG" show "$dev" "$parameter")" = "$value" ] && oracle_agrees
	ok "$name" $?
}
P1=$(printf '\001%031d' 0 | base64)
S1=wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=
T=$(printf '\t')

"$WG" set nosuch > "$tmp/out" 2>&1; grep -q '^Missing argument: expected listen-port' "$tmp/out"; ok 'no setting' $?
refuses 'missing value' 'Invalid argument: listen-port' listen-port
refuses 'order' 'Invalid argument: fwmark' peer "$P1" fwmark 1
refuses 'no wrapped port' 'port out of range: expected 0 to 65535' listen-port 70000
refuses 'mark' "Invalid fwmark \`0X1'" fwmark 0X1
refuses 'prefix' 'expected a prefix length from 0 to 32' peer "$P1" allowed-ips 10.0.0.0/33
refuses 'trailing comma' 'expected an IPv4 or IPv6 address' peer "$P1" allowed-ips 10.0.0.0/8,
refuses 'endpoint' 'no port' peer "$P1" endpoint 10.0.0.1
refuses 'key file' 'No such file' private-key "$tmp/nosuch"
refuses 'key for a path' 'not the key' private-key "$S1"
! grep -qF "$S1" "$tmp/err"; ok 'key not repeated' $?
# NAME ARGUMENTS...: refused, and no part of the key that they hold is repeated.
hides()
{
	name=$1
	shift
	! "$WG" set nosuch "$@" > "$tmp/out" 2> "$tmp/err" && [ -s "$tmp/err" ] &&
		! grep -q wPjzmyp "$tmp/err"
	ok "$name" $?
}
hides 'cut key for a path not repeated' private-key "${S1%?}"
hides 'key and more for a path not repeated' peer "$P1" preshared-key "$S1."
hides 'key for an option not repeated' "$S1"
hides 'key for an option of a peer not repeated' peer "$P1" "$S1"
hides 'key for a number not repeated' fwmark "$S1"
hides 'key for an endpoint not repeated' peer "$P1" endpoint "$S1"
hides 'key for allowed IPs not repeated' peer "$P1" allowed-ips "$S1"
refuses 'long path repeated' /tmp/a/path/of/letters/that/is/as/long/as/a/key/is \
	private-key /tmp/a/path/of/letters/that/is/as/long/as/a/key/is
echo "$S1 x" > "$tmp/key"
refuses 'trailing text' 'trailing character' private-key "$tmp/key"
echo > "$tmp/key"
refuses 'no key in the file' 'expected a key of 44 base64 characters' private-key "$tmp/key"
echo "$S1" > "$tmp/key"
many=$(i=0; while [ $i -lt 100 ]; do echo "peer $P1 preshared-key $tmp/key"; i=$((i + 1)); done)
# shellcheck disable=SC2086
(ulimit -Sn 64; refuses 'more key files than may be open' 'Unable to modify' $many; exit $failures)
failures=$((failures + $?))
refuses 'closed input is no key' 'cannot read preshared-key file /dev/stdin' private-key "$tmp/key" \
	peer "$P1" preshared-key /dev/stdin <&-

with_device || { echo 'skip device: no wg-tun, or not root'; finish; }

printf '%s \n\n' "$S1" > "$tmp/key"
sets 'private key' private-key "$S1" private-key "$tmp/key"
sets 'port' listen-port 4243 listen-port 4243
sets 'mark' fwmark 0xff fwmark 255
sets 'mark off' fwmark off fwmark OFF
sets 'peer' allowed-ips "$P1${T}(none)" peer "$P1"
sets 'allowed IPs' allowed-ips "$P1${T}10.0.0.0/8 fd00::/64" \
	peer "$P1" allowed-ips ' 10.0.0.0/8 , fd00::/64'
# Which address localhost has first, the machine's files say.
"$WG" set "$dev" peer "$P1" endpoint localhost:domain > "$tmp/err" 2>&1 &&
	"$WG" show "$dev" endpoints | grep -qxF -e "$P1${T}127.0.0.1:53" -e "$P1${T}[::1]:53"
ok 'endpoint' $?
sets 'IPv6 endpoint' endpoints "$P1${T}[::1]:53" peer "$P1" endpoint ::1:53
sets 'keepalive' persistent-keepalive "$P1${T}25" peer "$P1" persistent-keepalive 25
sets 'preshared key' preshared-keys "$P1${T}$S1" peer "$P1" preshared-key "$tmp/key"
sets 'no preshared key' preshared-keys "$P1${T}(none)" peer "$P1" preshared-key /dev/null
sets 'one more' allowed-ips "$P1${T}10.0.0.0/8 fd00::/64 1.1.1.1/32" \
	peer "$P1" allowed-ips +1.1.1.1
sets 'replaced' allowed-ips "$P1${T}2.2.2.2/32" peer "$P1" allowed-ips 2.2.2.2
sets 'none' allowed-ips "$P1${T}(none)" peer "$P1" allowed-ips ''
sets 'removed' peers '' peer "$P1" remove
sets 'no private key' private-key '(none)' private-key /dev/null
"$WG" set "$dev" listen-port 1 peer "$P1" allowed-ips bad > "$tmp/out" 2>&1
[ "$("$WG" show "$dev" listen-port)" = 4243 ]; ok 'a mistake changes nothing' $?
finish
