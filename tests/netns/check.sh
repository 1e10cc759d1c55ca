#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# `wg-quick check`: a corpus of files, each with the one mistake that must be found, at its place, or with
# the warnings that are due; what `up' makes of the same files; and all mistakes of a file at once.
# not in a machine: it asks little of the kernel
. "$(dirname "$0")/../tool.sh"
alone "$@"
. "$(dirname "$0")/lib.sh"
quick_setup
here=$(cd "$(dirname "$0")" && pwd)
C=/run/conf/wgq.conf
chmod 700 /run/conf
# A LAN, and no way to look anything up.
ip link add lan0 type veth peer name lan1
ip link set lan1 up
ip link set lan0 up
ip address add 203.0.113.7/25 dev lan0
ip netns add vpn
export WG_ENDPOINT_RESOLUTION_RETRIES=0

L=$PEER
M=g7WNX3sEzxzzT/s8ggUWe3HTkP/OFYPCxPiRn0ku0kc=

echo $KEY >/run/conf/key
chmod 600 /run/conf/key

# make_file TEXT [FILE]
make_file()
{
	text=${1//@I/'[Interface]\nPrivateKey = @K\nAddress = 10.8.0.1/24\n'}
	text=${text//@P/'[Peer]\nPublicKey = @L\nAllowedIPs = 10.20.0.0/16\n'}
	text=${text//@K/$KEY}
	text=${text//@L/$L}
	text=${text//@M/$M}
	printf %b "$text" >"${2:-$C}"
}

# found SEVERITY: the codes of that severity, between commas.
found() { sed -n "s/^[^ ]*:[0-9]*:[0-9]*: $1: .* \[\([a-z0-9-]*\)\]\$/\1/p" /run/out | sort -u | paste -sd, -; }

# All files of the corpus are checked by one process: what it found for FILE is in errors[FILE] and
# warnings[FILE], as "LINE:COLUMN CODE" and CODE, between commas.
declare -A errors warnings
pattern='^([^:]*):([0-9]+:[0-9]+): (error|warning): .* \[([a-z0-9-]+)\]$'
read_findings()
{
	while IFS= read -r found_line; do
		[[ $found_line =~ $pattern ]] || continue
		file=${BASH_REMATCH[1]} place=${BASH_REMATCH[2]} code=${BASH_REMATCH[4]}
		if [ "${BASH_REMATCH[3]}" = error ]; then
			errors[$file]+=${errors[$file]:+,}"$place $code"
		else
			[[ ,${warnings[$file]-}, == *,$code,* ]] || warnings[$file]+=${warnings[$file]:+,}$code
		fi
	done </run/out
}

# is_bad FILE CODE LINE COLUMN
is_bad()
{
	same "$3:$4 $2" "${errors[$1]-}" || return
	said=$("$WG_QUICK" up --dry-run "$1" 2>&1) && return 1
	case $2 in
	fwmark-reserved | mtu-ipv6 | namespace-dns | dns-backend-form) ;;
	no-public-key) [[ $said == "wg-quick: $1:$3: "* ]] ;;
	*) [[ $said == *"wg-quick: $1:$3:$4: "* ]] ;;
	esac
}

# is_good FILE WARNINGS
is_good()
{
	same "" "${errors[$1]-}" && same "${2#-}" "${warnings[$1]-}" || return
	said=$("$WG_QUICK" up --dry-run "$1" 2>&1) || [[ $said == *"cannot look up"* ]] || {
		echo "$said"
		return 1
	}
}

# upstream_takes FILE YES|NO: its parser speaks before it looks for the interface.
upstream_takes()
{
	"$ORACLE_WG_QUICK" strip "$1" >/run/stripped || return
	said=$("$ORACLE_WG" setconf nosuch0 /run/stripped 2>&1)
	echo "$said"
	case $said in
	*"Configuration parsing error"* | *"Invalid configuration"*) [ "$2" = no ] ;;
	*) [ "$2" = yes ] ;;
	esac
}

### The corpus
n=0
while read -r code line column text; do
	make_file "$text" /run/conf/bad$((++n)).conf
done < <(grep -v '^#' "$here/check-bad.txt")
bad=$n n=0
while read -r codes upstream text; do
	make_file "$text" /run/conf/good$((++n)).conf
done < <(grep -v '^#' "$here/check-good.txt")
good=$n
check "80 bad files and 100 good ones at least" test $bad -ge 80 -a $good -ge 100
chmod 600 /run/conf/*
"$WG_QUICK" check /run/conf/*.conf >/run/out 2>&1
check "the status is that of the bad ones" test $? = 1
check "each finding has a way out" same "$(grep -c -E "$pattern" /run/out)" "$(grep -c '^    fix: [a-z]' /run/out)"
check "no key is printed" sh -c '! grep -q -e wPjzmypuP1MK6lxo5XKejnEq /run/out'
"$WG_QUICK" check /run/conf/good*.conf >/run/good 2>&1
check "the status is 0 with warnings" test $? = 0
read_findings
n=0 failed=
while read -r code line column text; do
	n=$((n + 1))
	is_bad /run/conf/bad$n.conf "$code" "$line" "$column" >/run/why 2>&1 ||
		failed+="$code $line $column $text"$'\n'$(</run/why)$'\n'
done < <(grep -v '^#' "$here/check-bad.txt")
check "$n bad files, by check and by up" same "" "$failed"
n=0 failed=
while read -r codes upstream text; do
	n=$((n + 1))
	is_good /run/conf/good$n.conf "$codes" >/run/why 2>&1 ||
		failed+="$codes $upstream $text"$'\n'$(</run/why)$'\n'
	# Seventy processes of bash for each ten files: all of them only where there is time.
	[ ! -x "$ORACLE_WG" ] || [ -z "${WG_TEST_FULL-}" -a $((n % 10)) != 0 ] ||
		check "upstream: $upstream: $text" upstream_takes /run/conf/good$n.conf "$upstream"
done < <(grep -v '^#' "$here/check-good.txt")
check "$n good files, by check and by up" same "" "$failed"

### Every code is in the manual, and in a test
manual=$(cat "$here/../../man/wg-quick.8.scd")
missing= untested=
corpus=$(cat "$here/check-bad.txt" "$here/check-good.txt" "$here/check.sh")
while read -r code; do
	[[ $manual == *"- *$code*: "* ]] || missing+=" $code"
	# wg says this one.
	[[ $corpus == *"$code"* || $code = wg-quick-key ]] || untested+=" $code"
done < <(sed -n 's/^	X([A-Z0-9_]*, "\([a-z0-9-]*\)".*/\1/p' "$here/../../src/lib/conf/conf-code.h")
check "every code is in the manual" same "" "$missing"
check "every code is in a test" same "" "$untested"

### All at once
make_file '[Interfce]\nPrivateKey = xyz\nAddress = 10.8.0.256/24, 10.8.0.1/24, 10.8.0.2/255.0.255.0\nMTU = 1\nAdress = x
[Peer]\nPublicKey = abc\nAllowedIPs = 10.20.0.0/33, 10.21.0.0/16, x\nEndpoint = vpn:b:c\n[Other]\nKey = 1\n[Peer]\nAllowedIPs = ::/0'
"$WG_QUICK" check $C >/run/out 2>&1
check "all mistakes at once" same "1:1 unknown-section
2:17 key-length
3:11 address
3:48 netmask
4:7 mtu
5:1 unknown-key
7:16 key-length
8:24 prefix-length
8:42 address
9:17 endpoint-two
10:1 unknown-section
12:1 no-public-key" "$(sed -n 's/^[^ ]*:\([0-9]*:[0-9]*\): error: .* \[\(.*\)\]$/\1 \2/p' /run/out)"
check "secrets are in none of it" sh -c '! grep -q xyz /run/out'

### Files and hooks that others can touch
make_file @I
chmod 600 $C
make_file '@IPostUp = /run/hook --x >>/run/log\n'
printf '#!/bin/sh\n' >/run/hook
touch /run/log
chmod 666 /run/log
chmod 755 /run/hook
warns() { "$WG_QUICK" check $C >/run/out 2>&1; status=$?; cat /run/out; [ $status = 0 ] && same "$1" "$(found warning)"; }
check "a hook that root alone can write" warns ""
chmod 757 /run/hook
check "a hook that others can write" warns hook-writable
check "its place" grep -q "^$C:4:10: warning: others than root can change \`/run/hook'" /run/out
chmod 755 /run/hook
chown 1000 /run/hook
check "a hook of another user" warns hook-writable
chown 0 /run/hook
mkdir /run/open
chmod 777 /run/open
cp /run/hook /run/open/hook-of-wgq
sed -i 's|/run/hook|sh /run/open/hook-of-%i|' $C
check "a hook in a folder that others can write" warns hook-writable
chmod 1777 /run/open
check "but not where the sticky bit keeps them from it" warns ""

### Settings that do not go together, or not with this host
chmod 700 /run/conf
everything='[Peer]\nPublicKey = @L\nAllowedIPs = 0.0.0.0/0, ::/0\n'
make_file "@IKillSwitch = boot\n${everything}Endpoint = vpn.example:1\n"
check "a kill switch that lets no name be looked up" warns kill-switch-name
make_file "@IKillSwitch = yes\nMasquerade = yes\nForward = yes\n$everything"
check "a kill switch that drops what is forwarded" warns kill-switch-forward
make_file "@IKillSwitch = yes\n$everything"
check "a kill switch" warns ""
SSH_CONNECTION="198.51.100.7 1 192.0.2.1 22" check "a kill switch that would cut the SSH session" warns kill-switch-ssh
sysctl -qw net.ipv4.ip_forward=0
make_file "@IMasquerade = yes\n@P"
check "masquerading without forwarding" warns forward-off
make_file "@IMasquerade = yes\nForward = yes\n@P"
check "masquerading" warns ""
nft add table inet strict
nft add chain inet strict forward '{ type filter hook forward priority 0; policy drop; }'
check "forwarding that a firewall drops" warns forward-dropped
nft delete table inet strict
make_file @I
chmod 755 /run/conf
chmod 644 $C
check "a file that all can read" warns file-readable
chmod 660 $C
chgrp 1000 $C
check "a file that a group can write" warns file-writable
chmod 600 $C
chmod 700 /run/conf

### A list that is given up
{
	printf '%s\n' "[Interface]" "PrivateKey = $KEY" "Address = 10.66.0.2/32" "DNS = 10.1.1.1" "KillSwitch = yes" \
		"[Peer]" "PublicKey = $PEER" "Endpoint = 192.0.2.9:51820"
	echo "AllowedIPs = 10.66.0.0/24, $(printf 'bad, %.0s' $(seq 100))0.0.0.0/0"
} >/run/conf/cut.conf
chmod 600 /run/conf/cut.conf
"$WG_QUICK" check /run/conf/cut.conf >/run/out 2>&1
check "a hundred mistakes of a line are told" same 100 "$(grep -c ' error: ' /run/out)"
check "and nothing that the rest of the line may belie" same "" "$(found warning)"
sed -i 's/bad, //' /run/conf/cut.conf
"$WG_QUICK" check /run/conf/cut.conf >/run/out 2>&1
check "of 99 the rest of the line is read" same "99 0" "$(grep -c ' error: ' /run/out) $(grep -c 'the rest of this line' /run/out)"
rm /run/conf/cut.conf

### Arguments
cp $C /run/conf/other.conf
check "several files" "$WG_QUICK" check $C /run/conf/other.conf
printf 'MTU = 1\n' >/run/conf/bad.conf
"$WG_QUICK" check /run/conf/bad.conf $C /run/conf/missing.conf >/run/out 2>&1
check "one that is bad among them" test $? = 1
check "all are looked at" same "no-section file-unreadable" "$(sed -n 's/.* error: .* \[\(.*\)\]$/\1/p' /run/out | paste -sd' ' -)"
cp $C /run/conf/name-that-is-too-long.conf
"$WG_QUICK" check /run/conf/name-that-is-too-long.conf >/run/out 2>&1
check "a name that is too long" test $? = 1
check "its code" same file-name "$(found error)"
cp $C /etc/wireguard/wgx.conf
check "a name" "$WG_QUICK" check wgx
check "no file: what is missing" sh -c '"$WG_QUICK" check 2>&1 | grep -q "missing argument: expected NAME or FILE"'
finish
