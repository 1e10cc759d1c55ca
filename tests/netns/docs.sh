#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# not in a machine: each document has many hosts, which are network namespaces
# bash tests/netns/docs.sh [DOCUMENT...]: types what README.md and docs/*.md say, in their order, on hosts
# that are network and mount namespaces; all documents at once. A comment before each fenced block says
# what it is, and a block without one is a failure:
#
#	<!-- test: file HOST PATH [EXAMPLE] -->  the text of the file PATH, and of contrib/examples/EXAMPLE
#	<!-- test: text EXAMPLE -->              the text of contrib/examples/EXAMPLE, which nothing here reads
#	<!-- test: run HOST -->                  commands of a root shell; working folder and umask go on
#	<!-- test: run HOST: says REGEX -->      and the output has a line that matches
#	<!-- test: run HOST: fails -->           and the last command fails; `fails, says REGEX' is both
#	<!-- test: until HOST: says REGEX -->    tries the commands until it says so, for 25 s
#	<!-- test: not run: REASON -->           text, or commands for what is not here
#	<!-- test: also HOST: COMMAND -->        stands for itself: what the reader is not shown. $SHARED is a folder
#	                                         that all hosts see.
#
# In files, "(public key of NAME)" and "(private key of NAME)" stand for a key that the commands have made:
# wg0.pub and wg0.key of the host NAME, or NAME.pub and NAME.key on any host.
#
# bash tests/netns/docs.sh --write writes contrib/examples from the documents.
. "$(dirname "$0")/../tool.sh"

mapfile -t documents < <(cd "$top" && ls README.md docs/*.md)

# blocks DOCUMENT FOLDER: N.kind and N.text for each block.
blocks()
{
	mkdir -p "$2"
	awk -v dir="$2" '
		function block() { n++; file = sprintf("%s/%03d", dir, n); print kind > (file ".kind"); printf "" > (file ".text") }
		/^<!-- test: .* -->$/ && !open {
			kind = substr($0, 12, length($0) - 15)
			if (kind ~ /^also /) {
				text = kind; sub(/^[^:]*: /, "", text); sub(/:.*/, "", kind)
				block(); print text > (file ".text"); kind = ""
			}
			next
		}
		/^```/ && !open { open = 1; block(); next }
		/^```/ { open = 0; kind = ""; close(file ".text"); next }
		open { print > (file ".text") }
		END { if (open) { kind = "open"; block() } }
	' "$top/$1"
}

if [ "${1-}" = --write ]; then
	work=$(mktemp -d)
	for document in "${documents[@]}"; do
		blocks "$document" "$work/$document"
		for kind in "$work/$document"/*.kind; do
			[ -e "$kind" ] || continue
			read -r how where _ example <"$kind"
			[ "$how" != text ] || example=$where
			case $how in file | text) [ -n "$example" ] || continue ;; *) continue ;; esac
			mkdir -p "$(dirname "$top/contrib/examples/$example")"
			cp "${kind%.kind}.text" "$top/contrib/examples/$example"
		done
	done
	rm -rf "$work"
	exit 0
fi

if [ -z "${WG_TEST_DOCUMENT-}" ]; then
	# Each document in namespaces of its own, all at once.
	logs=$(mktemp -d)
	[ $# != 0 ] || set -- "${documents[@]}"
	for document; do
		WG_TEST_DOCUMENT=$document bash "$0" >"$logs/${document//\//-}" 2>&1 &
	done
	wait
	for document; do
		cat "$logs/${document//\//-}"
		grep -q "^ok $document: end" "$logs/${document//\//-}" || not_ok "$document: to its end"
	done
	failures=$((failures + $(cat "$logs"/* | grep -c "^not ok")))
	if [ "$*" = "${documents[*]}" ]; then
		examples=$(cd "$top/contrib/examples" && find . -type f ! -name README.md | sed 's|^\./||' | sort)
		check "each example is in a document" same "$examples" \
			"$(cd "$top" && sed -n 's/^<!-- test: file [^ ]* [^ ]* \([^ ]*\) -->$/\1/p
				s/^<!-- test: text \([^ ]*\) -->$/\1/p' "${documents[@]}" | sort -u)"
		check "tests/README.md names each stage and each folder" same "" "$(cd "$top/tests" &&
			{ sed -n "/^table=/,/'\$/s/^\(table='\)*\([a-z0-9.-]*\)|.*/\2/p" run.sh; ls -d */; } |
			while read -r named; do grep -q -F "\`$named\`" README.md || echo "$named"; done)"
	fi
	rm -rf "$logs"
	finish
fi

alone
document=$WG_TEST_DOCUMENT
export LC_ALL=C LOG_LEVEL=silent WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD=1 top
[ -e /dev/net/tun ] || { skip "$document" "no /dev/net/tun"; finish; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export SHARED=$work/shared
mkdir -p "$work/bin" "$work/hosts" "$work/blocks" "$SHARED"

### The programs, as they would be installed
ln -s "$WG" "$work/bin/wg"
ln -s "$WG_QUICK" "$work/bin/wg-quick"
ln -s "$WG_TUN" "$work/bin/wg-tun"
cat >"$work/bin/wg-quick-of-wireguard-tools" <<'END'
#!/bin/sh
PATH=$(dirname "$ORACLE_WG"):$PATH WG_QUICK_USERSPACE_IMPLEMENTATION=$WG_TUN exec bash "$ORACLE_WG_QUICK" "$@"
END
# Does what the unit's line says. tests/systemd.sh has the units on a real systemd.
cat >"$work/bin/systemctl" <<'END'
#!/bin/bash
case $1 in
enable | start) verb=ExecStart ;;
disable | stop) verb=ExecStop ;;
reload) verb=ExecReload ;;
*) echo "systemctl: $1?" >&2 && exit 1 ;;
esac
shift
[ "$1" != --now ] || shift
for unit; do
	unit=${unit%.service} file=$top/systemd/$unit.service.in
	case $unit in
	*@*) file=$top/systemd/${unit%%@*}@.service.in ;;
	esac
	line=$(sed -n "s|^$verb=!*@BINDIR@/||p" "$file" | sed "s/%i/${unit#*@}/g")
	[ -n "$line" ] || { echo "systemctl: $unit has no $verb" >&2 && exit 1; }
	if grep -q ^RemainAfterExit=yes "$file"; then
		$line || exit
	else
		setsid $line >"/run/$unit.log" 2>&1 </dev/null &
	fi
done
END
# The one who types is root already.
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/sudo"
chmod +x "$work"/bin/*

### The hosts
declare -A pid # of a process in each
PATH=$work/bin:$PATH
# host NAME: a machine with its own network, /etc, /run and empty /etc/wireguard, without wires.
host()
{
	mkdir -p "$work/hosts/$1"
	unshare -n -m --propagation private sh -c '
		mount -t tmpfs -o mode=0755 etc "$1" && mkdir "$1/up" "$1/work"
		mount -t overlay overlay -o lowerdir=/etc,upperdir="$1/up",workdir="$1/work" /etc 2>/dev/null ||
			{ cp -a /etc "$1/etc" && mount --bind "$1/etc" /etc; }
		umount /etc/wireguard /etc/resolv.conf 2>/dev/null
		mkdir -p /etc/wireguard /etc/netns && rm -f /etc/resolv.conf
		mount -t tmpfs -o mode=0700 conf /etc/wireguard
		mount -t tmpfs -o mode=0755 run /run && mkdir -p /run/wireguard /run/lock /run/netns
		mount -t sysfs sysfs /sys 2>/dev/null
		mount -t cgroup2 cgroup /sys/fs/cgroup 2>/dev/null
		echo "nameserver 203.0.113.254" >/etc/resolv.conf
		printf "%s\n" "127.0.0.1 localhost" "203.0.113.1 vpn.example.com berlin.example.com" \
			"203.0.113.2 paris.example.com" "198.51.100.80 web.example.com" >/etc/hosts
		ip link set lo up
		cd /proc/sys/net
		for setting in disable_ipv6 accept_dad; do
			echo 0 >ipv6/conf/all/$setting && echo 0 >ipv6/conf/default/$setting
		done
		echo 0 >ipv4/ip_forward && echo 0 >ipv6/conf/all/forwarding
		echo /root >/run/pwd && echo 0022 >/run/umask
		echo $$ >"$2"
		exec sleep infinity' - "$work/hosts/$1" "$work/$1.pid" &
	until [ -s "$work/$1.pid" ]; do sleep 0.05; done
	pid[$1]=$(<"$work/$1.pid")
}

# at HOST COMMAND...
at()
{
	at_host=$1
	shift
	nsenter -t "${pid[$at_host]}" -n -m "$@"
}

# cable HOST LINK ADDRESS HOST LINK ADDRESS
cable()
{
	ip link add wire0 type veth peer name wire1
	for cable_end in 0 1; do
		ip link set wire$cable_end name "$2" netns "${pid[$1]}"
		at "$1" ip address add "$3" dev "$2"
		at "$1" ip link set "$2" up
		shift 3
	done
}

# internet HOST=ADDRESS...: the host `internet', 203.0.113.254, with servers that have the addresses 198.51.100.53 and
# 198.51.100.80; and hosts with an eth0 there.
internet()
{
	host internet
	at internet ip link add br0 type bridge
	at internet ip link set br0 up
	for internet_address in 203.0.113.254/24 2001:db8::fe/64 198.51.100.53/32 198.51.100.80/32; do
		at internet ip address add $internet_address dev br0
	done
	for internet_end; do
		internet_host=${internet_end%=*} internet_number=${internet_end#*=}
		host "$internet_host"
		ip link add eth0 type veth peer name "$internet_host"
		ip link set eth0 netns "${pid[$internet_host]}"
		ip link set "$internet_host" netns "${pid[internet]}"
		at internet ip link set "$internet_host" master br0 up
		at "$internet_host" ip link set eth0 up
		at "$internet_host" ip address add "203.0.113.$internet_number/24" dev eth0
		at "$internet_host" ip address add "2001:db8::$internet_number/64" dev eth0
		at "$internet_host" ip route add default via 203.0.113.254
		at "$internet_host" ip -6 route add default via 2001:db8::fe
	done
}

# lan ROUTER MACHINE PREFIX [default]: a machine with the number 10 behind a router with the number 1, which is its
# default route or knows no other network.
lan()
{
	host "$2"
	cable "$1" "lan-$2" "$3.1/24" "$2" eth0 "$3.10/24"
	[ -z "${4-}" ] || at "$2" ip route add default via "$3.1"
}

### The blocks
# keys FILE: fills in the keys that the reader pastes.
keys()
{
	keys_text=$(<"$1")
	while [[ $keys_text =~ \((public|private)\ key\ of\ ([a-z0-9-]+)\) ]]; do
		keys_suffix=pub
		[ "${BASH_REMATCH[1]}" = public ] || keys_suffix=key
		keys_found=
		for keys_file in "/proc/${pid[${BASH_REMATCH[2]}]-0}/root/etc/wireguard/wg0.$keys_suffix" \
			$(printf "/proc/%s/root/etc/wireguard/${BASH_REMATCH[2]}.$keys_suffix\n" "${pid[@]}"); do
			[ -n "$keys_found" ] || [ ! -e "$keys_file" ] || keys_found=$(<"$keys_file")
		done
		[ -n "$keys_found" ] || { echo "no key ${BASH_REMATCH[0]} was made" >&2; return 1; }
		keys_text=${keys_text//"${BASH_REMATCH[0]}"/$keys_found}
	done
	printf '%s\n' "$keys_text"
}

# commands HOST FILE: as typed in a root shell that was left where the last block left it.
commands()
{
	keys "$2" >"$work/typed" || return
	{
		echo 'cd "$(cat /run/pwd)"; umask "$(cat /run/umask)"; trap "pwd >/run/pwd; umask >/run/umask" EXIT; set -e'
		cat "$work/typed"
	} >"$work/script"
	at "$1" timeout -k 5 60 bash "$work/script" </dev/null 2>&1
}

# run HOST FILE STATUS REGEX
run()
{
	run_output=$(commands "$1" "$2")
	run_status=$?
	printf '%s\n' "$run_output"
	[ $((run_status != 0)) = "$3" ] || { echo "status $run_status"; return 1; }
	[ -z "$4" ] || [[ $run_output =~ $4 ]] || { echo "does not say $4"; return 1; }
}

# put HOST PATH FILE: written with an editor, under umask 077.
put()
{
	keys "$3" >"$work/text" || return
	install -D -m 600 "$work/text" "/proc/${pid[$1]}/root$2"
}

scene()
{
	case $document in
	*/tutorial.md | README.md | */troubleshooting.md)
		internet server=1 laptop=2 phone=3
		lan server printer 192.168.20
		;;
	*/full-tunnel.md) internet server=1 laptop=2 && at internet ip address add 192.168.5.10/32 dev br0 ;;
	*/site-to-site.md)
		internet berlin=1 paris=2
		lan berlin desk 192.168.10 default
		lan paris till 192.168.20 default
		;;
	*/hub-and-spoke.md) internet hub=1 hub2=2 north=3 south=4 ;;
	*/containers.md) internet server=1 host=2 ;;
	*/migrating.md) internet server=1 laptop=2 ;;
	esac
}

scene >"$work/scene.log" 2>&1 || not_ok "$document: its hosts" "$work/scene.log"
blocks "$document" "$work/blocks"
[ -e "$work/blocks/001.kind" ] || [ -z "$(sed -n '/^```/p' "$top/$document")" ] || not_ok "$document: has blocks"
for kind in "$work"/blocks/*.kind; do
	[ -e "$kind" ] || break
	text=${kind%.kind}.text
	read -r how where what example <"$kind"
	line=$(<"$kind") name=$(<"$text") regex="" fails=0
	name="$document: ${name%%$'\n'*}"
	[[ ! $line =~ says\ (.*)$ ]] || regex=${BASH_REMATCH[1]}
	[[ ! $line =~ ^run\ [^\ ]*:\ fails ]] || fails=1
	case $how in
	file)
		name="$document: the file $what of $where"
		[ -z "$example" ] || check "$name is contrib/examples/$example" cmp "$text" "$top/contrib/examples/$example"
		check "$name" put "$where" "$what" "$text"
		;;
	text) check "$document: contrib/examples/$where" cmp "$text" "$top/contrib/examples/$where" ;;
	run | also) check "$name" run "${where%:}" "$text" "$fails" "$regex" ;;
	until) check "$name" wait_for 25 run "${where%:}" "$text" 0 "$regex" ;;
	not) [ "$where" = run: ] && [ -n "$what" ] || not_ok "$name: has a reason" ;;
	*) not_ok "$name: a comment says how it is tested" "$text" ;;
	esac
done
echo "ok $document: end"
finish
