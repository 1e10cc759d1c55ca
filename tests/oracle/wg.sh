#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Holds our wg against upstream's, $ORACLE_WG, Debian 12's or a newer one: for generated and hand-made configurations
# both write the same device, both read it alike to the byte, and both end with the same status. Text on standard error
# is ours alone and not compared. CASES: how many generated ones of each sort.
here=$(dirname "$0")
. "$here/lib.sh"
[ -x "$ORACLE_WG" ] || { echo "skip wg.sh: no wireguard-tools at $ORACLE_WG"; exit 0; }
need ip diff awk
enter "$@"
find_device_kind
# Upstream waits over a minute for a port name that does not exist.
export WG_ENDPOINT_RESOLUTION_RETRIES=1
if [ -z "$CASES" ]; then
	CASES=60
	[ -z "$WG_TEST_FULL" ] || CASES=300
	[ -z "$WG_TEST_VM" ] || CASES=4
fi

# The intended differences: CASE|WHY. What differs and is not here fails, and so does a row whose
# case does not differ any more.
KNOWN='answer-zero-keys|a private key of zeros is no key, as in the kernel
set-port-70000|upstream wraps a port above 65535
set-port-65536|upstream wraps a port above 65535
set-port-plus|a port has no sign
conf-port-70000|upstream wraps a port above 65535
conf-byte-order-mark|the mark means nothing to ours
conf-nul|upstream stops reading a line at a NUL byte
conf-syncconf-no-fwmark|settings that the file does not mention stay
conf-syncconf-no-port|settings that the file does not mention stay
conf-syncconf-no-key|settings that the file does not mention stay
conf-syncconf-no-interface|settings that the file does not mention stay
setconf-folder|upstream reads a folder as an empty file and wipes the device
addconf-folder|upstream reads a folder as an empty file
syncconf-folder|upstream reads a folder as an empty file and wipes the device
help-show|help goes to standard output
help-set|help is no error
help-genkey|help is no error
help-setconf|help is no error
help-showconf|help is no error
help-pubkey|help is no error'

# And with Debian 12's tools, which are of 2021, what upstream itself has changed since.
upstream_of_2021=
case $("$ORACLE_WG" --version) in
*v1.0.2021*)
	upstream_of_2021=yes
	KNOWN="$KNOWN
several-peerless-endpoints|upstream prints the name of a device without peers, and no newline
several-show-all-endpoints|upstream of 2021 names the device in the first line only
conf-syncconf-lost-psk|later upstream clears it too
conf-syncconf-lost-keepalive|later upstream clears it too
conf-allowedip-plus|later upstream adds without replacing
conf-allowedip-minus|later upstream sends it to the device, where it is refused
set-allowedip-plus|later upstream adds without replacing"
	;;
esac

# --- both read alike ---

PARAMS='public-key private-key listen-port fwmark peers preshared-keys endpoints allowed-ips
	latest-handshakes transfer persistent-keepalive'

say_status() {
	"$@" 2>/dev/null
	printf "\nstatus %s\n" "$?"
}

# both ARGS...: what each prints, one right after the other.
both() {
	say_status "$ORACLE_WG" "$@" >>"$T/theirs"
	say_status "$WG" "$@" >>"$T/ours"
}

# read_device NAME all|few: everything a reader can print.
read_device() {
	: >"$T/theirs"
	: >"$T/ours"
	both show "$1" dump
	both showconf "$1"
	WG_COLOR_MODE=always both show "$1"
	[ "$2" = all ] || return
	WG_COLOR_MODE=never both show "$1"
	WG_COLOR_MODE=never WG_HIDE_KEYS=never both show "$1"
	WG_COLOR_MODE=always WG_HIDE_KEYS=always both show "$1"
	for p in $PARAMS; do
		[ "$1 $p" = "all endpoints" ] || both show "$1" "$p"
	done
}

# readers CASE NAME all|few. "3 seconds ago" changes while we look: there are several chances.
readers() {
	for attempt in 1 2 3 4 5 6 7 8; do
		read_device "$2" "$3"
		readers_differ=$(difference "$T/theirs" "$T/ours")
		[ -n "$readers_differ" ] || break
	done
	result "$1" "$readers_differ"
}

# --- both write alike ---

clear_device() {
	printf '[Interface]\n' | "$ORACLE_WG" setconf "$1" /dev/stdin
}

# A port that the system chose is not part of the state.
device_state() {
	"$ORACLE_WG" show "$1" dump |
		awk -F '\t' -v OFS='\t' -v unordered="$2" '
		NF == 4 && $3 > 32767 && $3 < 61000 { $3 = "chosen" }
		NF == 8 && unordered {
			n = split($4, a, ",")
			for (i = 2; i <= n; i++)
				for (j = i; j > 1 && a[j] < a[j - 1]; j--) {
					t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
				}
			$4 = a[1]
			for (i = 2; i <= n; i++)
				$4 = $4 "," a[i]
		}
		{ print }'
}

# writers CASE UNORDERED BEFORE ARGS...: on the device wkt, which BEFORE (a file, or "") set up,
# both run `wg ARGS`; standard input is $T/stdin.
writers() {
	writers_case=$1 unordered=$2 before=$3
	shift 3
	for who in theirs ours; do
		tool=$ORACLE_WG
		[ "$who" = theirs ] || tool=$WG
		clear_device wkt
		[ -z "$before" ] || "$ORACLE_WG" setconf wkt "$before" 2>/dev/null
		"$tool" "$@" <"$T/stdin" >"$T/$who.out" 2>"$T/$who.err"
		echo "status $?" >"$T/$who"
		cat "$T/$who.out" >>"$T/$who"
		device_state wkt "$unordered" >>"$T/$who"
	done
	result "$writers_case" "$(difference "$T/theirs" "$T/ours")"
}

# --- devices that only answer ---

answer_cases() {
	"$B/tests/oracle/datapath" /run/wireguard/wkf.sock "$T/reply" || exit 1
	i=0
	while [ "$i" -lt "$CASES" ]; do
		i=$((i + 1))
		"$GEN" reply "$i" >"$T/reply"
		[ $((i % 5)) != 0 ] || { readers "answer-$i" wkf all; continue; }
		readers "answer-$i" wkf few
	done
	odd_answers
	several_devices
}

answer() {
	printf "$2" >"$T/reply"
	readers "answer-$1" wkf all
}

odd_answers() {
	key=0101010101010101010101010101010101010101010101010101010101010101
	zero=0000000000000000000000000000000000000000000000000000000000000000
	now=$(date +%s)
	answer empty 'errno=0\n\n'
	answer refused 'errno=13\n\n'
	answer nothing ''
	answer key-only "private_key=$key\nerrno=0\n\n"
	answer zero-keys "private_key=$zero\npublic_key=$key\npreshared_key=$zero\nerrno=0\n\n"
	answer port-zero "listen_port=0\nfwmark=0\nerrno=0\n\n"
	answer largest "listen_port=65535\nfwmark=4294967295\npublic_key=$key\nrx_bytes=18446744073709551615\ntx_bytes=18446744073709551615\npersistent_keepalive_interval=65535\nerrno=0\n\n"
	for bytes in 1 1023 1024 1025 1048575 1048576 1073741824 1099511627776 1125899906842624; do
		answer "bytes-$bytes" "public_key=$key\nrx_bytes=$bytes\ntx_bytes=0\nerrno=0\n\n"
	done
	for ago in 0 1 59 60 61 3599 3600 3661 86399 86400 90061 31535999 31536000 63072001 -3000; do
		answer "ago-$ago" "public_key=$key\nlast_handshake_time_sec=$((now - ago))\nlast_handshake_time_nsec=5\nerrno=0\n\n"
	done
	answer nsec-only "public_key=$key\nlast_handshake_time_sec=0\nlast_handshake_time_nsec=5\nerrno=0\n\n"
	answer zone "public_key=$key\nendpoint=[fe80::1%%lo]:5\nerrno=0\n\n"
	answer mapped "public_key=$key\nendpoint=[::ffff:1.2.3.4]:5\nallowed_ip=::ffff:1.2.3.4/128\nallowed_ip=::/0\nallowed_ip=0.0.0.0/0\nerrno=0\n\n"
	answer same-time "public_key=$key\nlast_handshake_time_sec=$((now - 500000))\npublic_key=${zero%00}02\nlast_handshake_time_sec=$((now - 500000))\npublic_key=${zero%00}03\nlast_handshake_time_sec=0\npublic_key=${zero%00}04\nerrno=0\n\n"
	answer bad-key "private_key=xyz\nerrno=0\n\n"
	answer bad-port "listen_port=65536\nerrno=0\n\n"
	answer bad-mark "fwmark=nonsense\nerrno=0\n\n"
	answer bad-prefix "public_key=$key\nallowed_ip=1.2.3.4/33\nerrno=0\n\n"
	answer bad-endpoint "public_key=$key\nendpoint=nonsense\nerrno=0\n\n"
	answer no-peer "allowed_ip=1.2.3.4/32\nerrno=0\n\n"
	answer no-equals "nonsense\nerrno=0\n\n"
	answer no-errno "private_key=$key\n\n"
	answer cut "private_key=$key\npublic_key=0101"
}

several_devices() {
	for n in wkg wkh; do
		"$GEN" reply 1${#n} >"$T/reply-$n"
		"$B/tests/oracle/datapath" "/run/wireguard/$n.sock" "$T/reply-$n" || exit 1
	done
	"$GEN" reply 9 >"$T/reply"
	readers several all all
	for args in "show" "show interfaces" "show all" "show wkf" "show wkf all" "show interfaces peers" \
		"show all nonsense" "show wkf dump more" "show nothere" "show nothere dump" \
		"showconf nothere" "showconf" "showconf wkf wkg" "show all dump" "show all endpoints"; do
		arguments "several-$(echo "$args" | tr ' ' -)" $args
	done
	printf 'listen_port=5\nerrno=0\n\n' >"$T/reply"
	arguments several-peerless show all dump
	arguments several-peerless-endpoints show all endpoints
	# One that does not answer well does not hide the others; when none does, that is a failure.
	printf 'errno=5\n\n' >"$T/reply-wkg"
	arguments several-one-refuses show
	arguments several-one-refuses-dump show all dump
	printf 'errno=5\n\n' | tee "$T/reply" >"$T/reply-wkh"
	arguments several-all-refuse show
	arguments several-all-refuse-dump show all dump
	rm -f /run/wireguard/wk[fgh].sock
}

# arguments CASE ARGS...: the same standard output and status.
arguments() {
	arguments_case=$1
	shift
	say_status "$ORACLE_WG" "$@" <"$T/stdin" >"$T/theirs"
	say_status "$WG" "$@" <"$T/stdin" >"$T/ours"
	result "$arguments_case" "$(difference "$T/theirs" "$T/ours")"
}

# --- real devices, generated ---

# Numbers above 65535.
large='6553[6-9]|655[4-9].|65[6-9]..|6[6-9]...|[7-9]....|[0-9]{6,}'

conf_cases() {
	i=0
	while [ "$i" -lt "$CASES" ]; do
		i=$((i + 1))
		"$GEN" conf "$i" >"$T/conf"
		"$GEN" before "$i" >"$T/before"
		"$GEN" after "$i" >"$T/after"
		writers "setconf-$i" '' "$T/before" setconf wkt "$T/conf"
		[ $((i % 5)) != 0 ] || readers "device-$i" wkt few
		writers "addconf-$i" '' "$T/before" addconf wkt "$T/after"
		writers "syncconf-$i" unordered "$T/before" syncconf wkt "$T/after"
		"$GEN" damage "$i" <"$T/after" >"$T/damaged"
		# The damage may make a port that upstream wraps around; see port-70000.
		grep -Eiq "(port|endpoint).*[=:] *($large) *\$" "$T/damaged" ||
			writers "damaged-$i" '' "$T/before" setconf wkt "$T/damaged"
		[ $((i % 2)) = 0 ] || set_case "$i"
	done
	readers device-last wkt all
}

# Its arguments may hold spaces, which the list of lines keeps.
set_case() {
	"$GEN" set "$1" | sed "s|^@|$T/|" >"$T/arguments"
	set_seed=$1
	set -- set wkt
	while IFS= read -r argument; do
		set -- "$@" "$argument"
	done <"$T/arguments"
	writers "set-$set_seed" '' "$T/before" "$@"
}

# --- real devices, by hand ---

K1=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=
K2=ABEiM0RVZneImaq7zN3u/wABEiM0RVZneImaq7zN3u8=

base() {
	cat <<-END
		[Interface]
		PrivateKey = $(cat "$T/KEY")
		ListenPort = 5000
		FwMark = 0x20
		[Peer]
		PublicKey = $K2
		PresharedKey = $(cat "$T/PSK1")
		AllowedIPs = 10.0.0.0/24, 10.0.1.0/24, fd00::/64
		Endpoint = 192.0.2.1:5001
		PersistentKeepalive = 25
	END
}

# set_on CASE ARGS...: `set` on a device that `base` made.
set_on() {
	set_on_case=$1
	shift
	writers "set-$set_on_case" '' "$T/base" set wkt "$@"
}

set_cases_device() {
	for port in 0 1 00080 65535 65536 70000 domain nosuchservice -1 '' 12x 0x10 ' 5' +5; do
		name=$port
		case $port in
		'') name=empty ;; ' 5') name=space ;; -1) name=minus ;; +5) name=plus ;;
		esac
		[ "$port" = 0 ] || set_on "port-$name" listen-port "$port"
	done
	for mark in 0 off OFF 1 010 0x0 0xca6c 0xCA6C 0XCA6C 0x 4294967295 4294967296 0xffffffff \
		0x100000000 -1 12x ''; do
		set_on "fwmark-${mark:-empty}" fwmark "$mark"
	done
	: >"$T/nothing"
	printf '%s' "$K1" >"$T/bare"
	printf '%s \n\n\t' "$K1" >"$T/spaced"
	printf '%sx\n' "$K1" >"$T/trailing"
	printf ' %s\n' "$K1" >"$T/leading"
	printf '%.43s\n' "$K1" >"$T/short"
	printf '%s\n%s\n' "$K1" "$K1" >"$T/twice"
	printf '%.42sF=\n' "$K1" >"$T/uncanonical"
	for file in nothing bare spaced trailing leading short twice uncanonical absent; do
		set_on "key-$file" private-key "$T/$file"
		set_on "psk-$file" peer $K2 preshared-key "$T/$file"
	done
	set_on key-null private-key /dev/null
	set_on psk-null peer $K2 preshared-key /dev/null
	set_on key-folder private-key "$T"
}

set_cases_peer() {
	for keepalive in 0 off OFF 25 00025 65535 65536 -1 0x10 '' 2x; do
		set_on "keepalive-${keepalive:-empty}" peer $K2 persistent-keepalive "$keepalive"
	done
	n=0
	for list in '' 1.2.3.4 1.2.3.4/32 1.2.3.0/24,fd01::/16 '1.2.3.0/24 , fd01::/16' 0.0.0.0/0 ::/0 \
		1.2.3.4/24 fd00::1/64 1.2.3/24 1.2.3.4/33 fd00::/129 1.2.3.4/08 1.2.3.4/+8 1.2.3.4/ \
		1.2.3.4/-1 1.2.3.4/x /24 , 1.2.3.4, ,1.2.3.4 1.2.3.4,,1.2.3.5 nonsense ::ffff:1.2.3.4 \
		fe80::1%lo 1.2.3.4,1.2.3.4 01.2.3.4 1.2.3.4/4294967296 1.2.3.4/0x8 host:1 10.0.0.0/24; do
		n=$((n + 1))
		set_on "allowedips-$n" peer $K2 allowed-ips "$list"
	done
	n=0
	for endpoint in 1.2.3.4:5 '[::1]:5' ::1:5 '[fe80::1%lo]:53' 1.2.3.4:domain localhost:5 '' 1.2.3.4 \
		1.2.3.4: :5 '[::1]' '[::1]5' '[::1' '[]:5' 1.2.3.4:0 '[1.2.3.4]:5' '1.2.3.4:05'; do
		n=$((n + 1))
		set_on "endpoint-$n" peer $K2 endpoint "$endpoint"
	done
	set_on remove peer $K2 remove
	set_on remove-more peer $K2 remove allowed-ips 1.2.3.4/32
	set_on remove-absent peer $K1 remove
	set_on two peer $K1 allowed-ips 1.2.3.4/32 peer $K2 allowed-ips 1.2.3.4/32
	set_on same-twice peer $K1 allowed-ips 1.2.3.4/32 peer $K1 allowed-ips 1.2.3.5/32
	set_on again-and-gone peer $K1 allowed-ips 1.2.3.4/32 peer $K1 remove
	set_on allowedip-plus peer $K2 allowed-ips +1.2.3.4/32
	set_on allowedip-minus peer $K2 allowed-ips -10.0.0.0/24
	set_on bad-peer-key peer nonsense
	set_on zero-peer-key peer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
	set_on order listen-port 7 peer $K1 listen-port 8
	set_on peer-first peer $K1 private-key "$T/KEY"
	set_on peerless persistent-keepalive 5
	set_on no-value listen-port
	set_on no-peer peer
	set_on unknown nonsense 5
	set_on upper LISTEN-PORT 5
	set_on several listen-port 6 fwmark 7 private-key "$T/PSK1" peer $K1 allowed-ips ::/0
	writers set-nothing '' "$T/base" set wkt
	writers set-alone '' "$T/base" set
	writers set-other-device '' "$T/base" set wknothere listen-port 5
	writers set-long-name '' "$T/base" set wkt456789012345678 listen-port 5
}

# conf_on CASE VERB: the file is on standard input.
conf_on() {
	cat >"$T/conf"
	writers "conf-$1" unordered "$T/base" "$2" wkt "$T/conf"
}

conf_cases_by_hand() {
	for verb in setconf addconf syncconf; do
		conf_on "$verb-same" $verb <"$T/base"
		conf_on "$verb-twice-the-peer" $verb <<-END
			[Interface]
			PrivateKey = $(cat "$T/KEY")
			ListenPort = 5000
			FwMark = 32
			[Peer]
			PublicKey = $K1
			AllowedIPs = 1.2.3.4
			[Peer]
			PublicKey = $K1
			AllowedIPs = 1.2.3.5
		END
		printf '[Interface]\nPrivateKey = %s\nListenPort = 5000\nFwMark = 32\n' "$(cat "$T/KEY")" |
			conf_on "$verb-no-peers" $verb
	done
	for verb in setconf addconf; do
		conf_on "$verb-empty" $verb </dev/null
		echo '[Interface]' | conf_on "$verb-bare" $verb
		printf '[Peer]\nPublicKey = %s\n' $K2 | conf_on "$verb-bare-peer" $verb
	done
	grep -v FwMark "$T/base" | conf_on syncconf-no-fwmark syncconf
	sed 's/^ListenPort.*//' "$T/base" | conf_on syncconf-no-port syncconf
	grep -v PrivateKey "$T/base" | conf_on syncconf-no-key syncconf
	sed -n '/Peer/,$p' "$T/base" | conf_on syncconf-no-interface syncconf
	grep -v PresharedKey "$T/base" | conf_on syncconf-lost-psk syncconf
	grep -v Keepalive "$T/base" | conf_on syncconf-lost-keepalive syncconf
	grep -v Endpoint "$T/base" | conf_on syncconf-lost-endpoint syncconf
	grep -v AllowedIPs "$T/base" | conf_on syncconf-lost-allowedips syncconf
	sed 's/10.0.1.0/10.0.2.0/' "$T/base" | conf_on syncconf-moved-allowedip syncconf
	sed 's/10.0.1.0/10.0.1.77/' "$T/base" | conf_on syncconf-host-bits syncconf
	sed 's/192.0.2.1:/192.0.2.9:/' "$T/base" | conf_on syncconf-moved-endpoint syncconf
	{
		cat "$T/base"
		printf '[Peer]\nPublicKey = %s\nAllowedIPs = 10.0.1.0/24\n' $K1
	} >"$T/steal"
	conf_on syncconf-stolen-allowedip syncconf <"$T/steal"
	sed "s|$K1|$K2|" "$T/steal" | conf_on syncconf-joined-peer syncconf
}

# line CASE TEXT: a file with one line of interest in [Interface] or in [Peer].
line() {
	printf "[Interface]\n$2\n" | conf_on "$1" setconf
}

peer_line() {
	printf "[Interface]\n[Peer]\nPublicKey = $K1\n$2\n" | conf_on "$1" setconf
}

grammar_cases() {
	line port-70000 'ListenPort = 70000'
	line port-service 'ListenPort = domain'
	line port-empty 'ListenPort ='
	line mark-octal 'FwMark = 010'
	line mark-upper 'FwMark = 0XCA6C'
	line mark-off 'FwMark = oFf'
	line semicolon '; FwMark = 5'
	line spaces ' F w M a r k = 1 2 '
	line tabs '\tFwMark\t=\t5\t\r'
	line vertical '\vFwMark\f= 5'
	line comment-behind 'FwMark = 5#6'
	line unknown 'Color = red'
	line wg-quick-key 'Address = 10.0.0.1/24'
	line no-value 'FwMark'
	line only-equals '= 5'
	line twice 'FwMark = 5\nFwMark = 6'
	line section-again 'FwMark = 5\n[interface]\nFwMark = 7'
	line section-unknown '[Server]\nFwMark = 5'
	line section-open '[Interface\nFwMark = 5'
	line section-trailing '[Interface] x\nFwMark = 5'
	line section-comment '[Interface] # x\nFwMark = 5'
	line peer-key-in-interface 'AllowedIPs = 1.2.3.4/32'
	line key-short 'PrivateKey = AAAA'
	line key-long "PrivateKey = ${K1}A"
	line key-uncanonical "PrivateKey = $(printf '%.42sF=' $K1)"
	line key-spaces "PrivateKey = $(printf '%.20s' $K1) $(printf '%s' $K1 | cut -c21-)"
	line peer-without-key '[Peer]\nAllowedIPs = 1.2.3.4/32'
	line peer-key-twice "[Peer]\nPublicKey = $K1\nPublicKey = $K2"
	line peer-key-last "[Peer]\nAllowedIPs = 1.2.3.4/32\nPublicKey = $K2"
	printf 'FwMark = 5\n' | conf_on no-section setconf
	printf '\357\273\277[Interface]\nFwMark = 5\n' | conf_on byte-order-mark setconf
	printf '[Interface]\nFwMark = 5' | conf_on no-newline setconf
	printf '[Interface]\nFwMark = 5\0006\n' | conf_on nul setconf
	peer_line allowedips-empty 'AllowedIPs ='
	peer_line allowedips-twice 'AllowedIPs = 1.2.3.4\nallowedips=1.2.3.5'
	peer_line allowedips-comma 'AllowedIPs = 1.2.3.4,'
	peer_line allowedips-spaces 'Allowed IPs = 1 0.0.0.1'
	peer_line allowedips-host-bits 'AllowedIPs = 10.0.0.1/24, fd00::1/8'
	peer_line allowedip-plus 'AllowedIPs = +10.9.0.0/24'
	peer_line allowedip-minus 'AllowedIPs = -10.9.0.0/24'
	peer_line psk-empty 'PresharedKey ='
	peer_line keepalive-large 'PersistentKeepalive = 65536'
	peer_line endpoint-empty 'Endpoint ='
	peer_line endpoint-no-port 'Endpoint = 1.2.3.4'
	peer_line endpoint-v6-bare 'Endpoint = ::1:53'
	peer_line endpoint-zone 'Endpoint = [fe80::1%%lo]:53'
	peer_line endpoint-service 'Endpoint = 1.2.3.4:domain'
	peer_line interface-key 'FwMark = 5'
	peer_line equals-in-value 'Endpoint = a=b:5'
	for verb in setconf addconf syncconf; do
		writers "$verb-no-file" '' "$T/base" $verb wkt "$T/absent"
		writers "$verb-folder" '' "$T/base" $verb wkt "$T"
		writers "$verb-no-device" '' "$T/base" $verb wknothere "$T/base"
		writers "$verb-two-files" '' "$T/base" $verb wkt "$T/base" "$T/base"
		writers "$verb-alone" '' "$T/base" $verb
		cp "$T/base" "$T/stdin"
		writers "$verb-stdin" '' "$T/conf" $verb wkt /dev/stdin
		: >"$T/stdin"
	done
}

# --- keys and the command line ---

key_cases() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		"$GEN" set $((i * 2)) | sed -n '/^peer$/{n;p;q;}' >"$T/stdin"
		arguments "pubkey-$i" pubkey
	done
	for key in nothing bare spaced trailing leading short twice uncanonical; do
		cp "$T/$key" "$T/stdin"
		arguments "pubkey-$key" pubkey
	done
	printf '%s\000' $K1 >"$T/stdin"
	arguments pubkey-nul pubkey
	: >"$T/stdin"
	for verb in genkey genpsk pubkey; do
		arguments "$verb-more" $verb more
	done
}

# help_of TOOL VERB: its status, and whether anything is on standard output.
help_of() {
	"$1" "$2" --help </dev/null 2>/dev/null >"$T/help"
	echo "status $?"
	[ ! -s "$T/help" ] || echo "on standard output"
}

command_line_cases() {
	for word in Show sho nonsense -x --nonsense ''; do
		arguments "verb-${word:-empty}" "$word"
	done
	arguments version-more --version more
	arguments show-interfaces show interfaces
	arguments show-upper show interfaces ALL
	arguments show-parameter show all Dump
	for verb in show set genkey setconf showconf pubkey; do
		help_of "$ORACLE_WG" $verb >"$T/theirs"
		help_of "$WG" $verb >"$T/ours"
		result "help-$verb" "$(difference "$T/theirs" "$T/ours")"
	done
}

printf '%s\n' 'wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s=' >"$T/KEY"
for i in 0 1 2; do
	printf 'PSKPSKPSKPSKPSKPSKPSKPSKPSKPSKPSKPSKPSKPSK%s=\n' "${i}A" | cut -c1-43,45- |
		sed 's/.=$/A=/' >"$T/PSK$i"
done
: >"$T/stdin"
base >"$T/base"

# In a machine only what the kernel has a part in: a case takes a second there.
[ -z "$WG_TEST_VM" ] || CASES_FILTERED=yes
[ -n "$WG_TEST_VM" ] || answer_cases
new_device wkt || { echo "not ok wg.sh: no device"; exit 1; }
# In kernels that do not know the sign yet both are refused; a module from outside (O) is ours, which does.
[ "$DEVICE" = kernel ] && ! grep -qs O /sys/module/wireguard/taint || [ -z "$upstream_of_2021" ] || KNOWN="$KNOWN
set-allowedip-minus|later upstream takes the prefix away"
conf_cases
set_cases_device
set_cases_peer
conf_cases_by_hand
if [ -z "$WG_TEST_VM" ]; then
	grammar_cases
	key_cases
	command_line_cases
fi
del_device wkt
finish
