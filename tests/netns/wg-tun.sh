#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# wg-tun as its users know it: start and end, what it says when it cannot, what it leaves behind
# (nothing), what it may still do once it runs (little), and many peers.
. "$(dirname "$0")/../tool.sh"
alone "$@"
[ -e /dev/net/tun ] || { skip "wg-tun" "no /dev/net/tun"; finish; }
B=${B:-$top/build}
socket=/var/run/wireguard/wgt.sock
[ -e /var/run/wireguard ] || mount --bind /run /var/run
unset LOG_LEVEL WG_PROCESS_FOREGROUND NOTIFY_SOCKET
export LC_ALL=C

# The daemon and the cleanup of its socket.
daemons() { pgrep -x wg-tun; }
cleanups() { pgrep -x wg-tun-cleanup; }
gone()
{
	! ip link show wgt >/dev/null 2>&1 && [ ! -e $socket ] && ! daemons && ! cleanups
}
none_left() { wait_for 5 gone; }
# fails TEXT COMMAND...: with status 1 and exactly this one line
fails()
{
	fails_text=$1
	shift
	fails_said=$("$@" 2>&1) && { echo "it ended with 0"; return 1; }
	same "$fails_text" "$fails_said"
}
fact() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '; }
# The cleanup is called like the daemon for its first moment.
start() { "$WG_TUN" wgt </dev/null && wait_for 5 cleanups; }

### Start and end
check "who waits for the end of its output need not wait" sh -c 'timeout 10 sh -c "\"\$1\" wgt 2>&1 | cat" sh "$1"' sh "$WG_TUN"
ip link del wgt
wait_for 5 test ! -e /var/run/wireguard/wgt.sock
check "it goes into the background" start
check "the link is there, and down" sh -c 'ip -o link show wgt | grep -v "[<,]UP[,>]"'
check "the socket is there" test -S $socket
check "the socket is root's alone" same "600 root" "$(stat -c '%a %U' $socket)"
check "wg reads it" "$WG" show wgt
check "its name is taken" fails "wg-tun: wgt is taken: another process serves $(dirname $socket)/wgt.sock" "$WG_TUN" wgt
check "the first one goes on" "$WG" show wgt
kill -TERM "$(daemons)"
check "SIGTERM ends it, and nothing is left" none_left
start
kill -INT "$(daemons)"
check "so does SIGINT" none_left
start
kill -HUP "$(daemons)"
sleep 0.2
check "SIGHUP does not" "$WG" show wgt
ip link del wgt
check "a deleted link does" none_left
start
rm $socket
check "a removed socket does" none_left
start
kill -KILL "$(daemons)"
check "after SIGKILL, too, nothing is left" none_left
start
kill -KILL "$(cleanups)" "$(daemons)"
wait_for 5 sh -c '! ip link show wgt && ! pgrep -x wg-tun'
check "without its cleanup the socket stays" test -S $socket
check "where nobody listens, the next one takes the place" start
check "and is found there" "$WG" show wgt
kill -TERM "$(daemons)"
check "nothing is left of that" none_left
mkdir -m 700 -p /run/wireguard
touch $socket
check "what is no socket is not replaced" fails "wg-tun: $(dirname $socket)/wgt.sock is not a socket: remove it or choose another name" start
rm $socket
check "two at once: one wins" sh -c '"$1" wgt 2>/dev/null & "$1" wgt 2>/dev/null; a=$?; wait $!; [ $((a + $?)) = 1 ]' sh "$WG_TUN"
check "and works" "$WG" show wgt
ip link del wgt
check "nothing is left of two" none_left

### Errors
check "a name that is too long" fails \
	"wg-tun: \`a234567890123456' is not a valid interface name: it has more than 15 characters" "$WG_TUN" a234567890123456
check "no name" fails "wg-tun: expected the name of one interface: see wg-tun --help" "$WG_TUN"
ip link add wgt type veth peer name wgt-other
check "a name that a link has" sh -c '! "$1" wgt 2>/run/said && wc -l </run/said | grep -x 1 && grep -i "wgt" /run/said' sh "$WG_TUN"
check "that link stays" ip link show wgt
ip link del wgt
check "no /dev/net/tun: what to do is said" unshare -m sh -c \
	'mount -t tmpfs none /dev/net; ! "$1" wgt 2>/run/said && cat /run/said && grep "/dev/net/tun.*modprobe tun" /run/said' sh "$WG_TUN"
check "no permission" sh -c '! setpriv --bounding-set=-all --inh-caps=-all "$1" wgt 2>/run/said; cat /run/said; wc -l </run/said | grep -x 1' sh "$WG_TUN"
check "an unknown user" fails "wg-tun: /etc/passwd has no user \`nosuchuser': --user wants a user of this system" "$WG_TUN" --user nosuchuser wgt
check "a key for a user" fails "wg-tun: /etc/passwd has no user (hidden, as it may be a key): --user wants a user of this system" \
	"$WG_TUN" --user wPjzmypuP1MK6lxo5XKejnEqyGPUAwpnlCW8JmWL20s= wgt
check "errors leave nothing" none_left

### The foreground
cat >/run/notified.py <<'END'
import os, socket, subprocess, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(10)
p = subprocess.Popen([sys.argv[3], "-f", "wgt"], env=dict(os.environ, NOTIFY_SOCKET=sys.argv[2]))
print(s.recv(500).decode().split("\n")[0])
print(os.path.exists(sys.argv[4]), os.path.exists("/sys/class/net/wgt"))
p.terminate()
print(s.recv(500).decode(), p.wait())
END
notified='READY=1
True True
STOPPING=1 0'
if command -v python3 >/dev/null; then
	check "a service manager is told" same "$notified" "$(python3 /run/notified.py /run/notify /run/notify "$WG_TUN" $socket)"
	check "by an abstract socket, too" same "$notified" \
		"$(python3 -c 'import sys; sys.argv[1] = "\0" + sys.argv[1]; exec(open("/run/notified.py").read())' wgtest @wgtest "$WG_TUN" $socket)"
else
	skip "a service manager is told" "no python3"
fi
WG_PROCESS_FOREGROUND=1 "$WG_TUN" wgt &
check "the environment may ask for the foreground" wait_for 5 test -S $socket
kill -TERM $!
wait $!
check "which ends with 0" test $? = 0

### Privileges
start
pid=$(daemons) cleanup=$(cleanups)
check "user and group" same "65534 65534 65534 65534 " "$(fact "$pid" Uid) $(fact "$pid" Groups)"
for set in CapInh:0000000000000000 CapPrm:0000000000001400 CapEff:0000000000001400 CapBnd:0000000000000000 \
	CapAmb:0000000000000000 NoNewPrivs:1 Seccomp:2; do
	check "of the daemon: $set" same "${set#*:}" "$(fact "$pid" "${set%:*}")"
done
for set in CapInh:0000000000000000 CapPrm:0000000000000000 CapEff:0000000000000000 CapBnd:0000000000000000 \
	NoNewPrivs:1 Seccomp:2; do
	check "of the cleanup: $set" same "${set#*:}" "$(fact "$cleanup" "${set%:*}")"
done
check "the cleanup has two descriptors" same 2 "$(ls "/proc/$cleanup/fd" | wc -l)"
check "all threads have the filter" same 2 "$(cat /proc/"$pid"/task/*/status | sed -n 's/^Seccomp:[[:space:]]*//p' | sort -u)"
check "no core dumps" grep -q '^Max core file size  *0  *0 ' "/proc/$pid/limits"

### Configuration
key=$("$WG" genkey) peer=$("$WG" genkey | "$WG" pubkey)
"$WG" set wgt private-key <(echo "$key") listen-port 0 fwmark 0x10 peer "$peer" allowed-ips 10.9.0.0/24,fd09::/64 \
	endpoint 192.0.2.1:9 persistent-keepalive 25 preshared-key <(echo "$key")
check "what was set is shown" same "$key	$(echo "$key" | "$WG" pubkey)	0	0x10
$peer	$key	192.0.2.1:9	10.9.0.0/24,fd09::/64	0	0	0	25" "$("$WG" show wgt dump)"
[ ! -x "$ORACLE_WG" ] || check "to wireguard-tools' wg alike" same "$("$WG" show wgt dump)" "$("$ORACLE_WG" show wgt dump)"
ip link set wgt up
wait_for 5 sh -c '[ "$("$WG" show wgt listen-port)" != 0 ]'
port=$("$WG" show wgt listen-port)
check "up, the port that the kernel chose is shown" ss -Hlun "sport = :$port"
check "and open" sh -c "ss -Hlun 'sport = :$port' | grep -q ."
check "another port" "$WG" set wgt listen-port 53
check "which is below 1024" sh -c "ss -Hlun 'sport = :53' | grep -q ."
check "the former is closed" same "" "$(ss -Hlun "sport = :$port")"
ip link set wgt down
check "down, it is closed" wait_for 5 sh -c "! ss -Hlun 'sport = :53' | grep -q ."

### A private key that comes last
"$WG_TUN" wglast </dev/null
"$WG" set wglast peer "$peer" endpoint 127.0.0.1:9 persistent-keepalive 25
ip link set wglast up
wait_for 5 sh -c '[ "$("$WG" show wglast listen-port)" != 0 ]'
sleep 0.5
check "without a private key nothing is sent" same 0 "$("$WG" show wglast transfer | cut -f 3)"
"$WG" set wglast private-key <(echo "$key")
check "once it is there, at once" wait_for 1 sh -c '[ "$("$WG" show wglast transfer | cut -f 3)" = 148 ]'
ip link del wglast

### A port that another program has
"$WG_TUN" wgother </dev/null
"$WG" set wgother listen-port 4444
ip link set wgother up
wait_for 5 sh -c "ss -Hlun 'sport = :4444' | grep -q ."
"$WG" set wgt listen-port 4444
ip link set wgt up
sleep 0.3
sockets() { ss -Hluna "sport = :$1" | wc -l; }
n=$(sockets 4444)
check "the port is taken, and that is said" sh -c '! "$1" set wgt listen-port 4444 2>/run/said; cat /run/said; grep -q "in use" /run/said' sh "$WG"
check "another one brings up what could not come up" "$WG" set wgt listen-port 4445
check "at once" test "$(sockets 4445)" = "$n"
check "while up, a port that is taken is refused" sh -c '! "$1" set wgt listen-port 4444 2>/run/said; grep -q "in use" /run/said' sh "$WG"
check "and the old one is shown" same 4445 "$("$WG" show wgt listen-port)"
check "and open" test "$(sockets 4445)" = "$n"
check "the other program keeps its own" test "$(sockets 4444)" = "$n"
ip link set wgt down
"$WG" set wgt listen-port 4444
ip link set wgt up
sleep 0.3
ip link del wgother
wait_for 5 sh -c '[ ! -e /var/run/wireguard/wgother.sock ]'
check "once it is free, saying it again is enough" "$WG" set wgt listen-port 4444
check "and it is open" test "$(sockets 4444)" = "$n"
ip link set wgt down
wait_for 5 sh -c "! ss -Hlun 'sport = :4444' | grep -q ."
check "one allowed IP is taken away" "$WG" set wgt peer "$peer" allowed-ips -10.9.0.0/24
check "the other stays" same "$peer	fd09::/64" "$("$WG" show wgt allowed-ips)"
ip link del wgt
check "nothing is left of the configured one" none_left

### A client that neither reads nor ends does not hold up others
start
if command -v python3 >/dev/null; then
	cat >/run/slow.py <<-'END'
	import socket, sys, time
	cs = []
	for i in range(40):
	    c = socket.socket(socket.AF_UNIX)
	    c.connect(sys.argv[1])
	    c.send(b"set=1\nlisten_" if i % 2 else b"get=1\n\n" * 4000)
	    cs.append(c)
	print("connected", flush=True)
	time.sleep(60)
	END
	python3 /run/slow.py $socket >/run/slow &
	slow=$!
	wait_for 5 grep -q connected /run/slow
	check "slow clients hold up nobody" timeout 2 "$WG" set wgt listen-port 77
	check "and memory stays bounded" sh -c "[ $(fact "$(daemons)" VmRSS | tr -dc 0-9) -lt 12000 ]"
	kill $slow
fi
ip link del wgt
none_left

### Many peers
if [ -x "$B/tests/oracle/gen" ]; then
	n=100000
	"$B/tests/oracle/gen" many $n 1 >/run/many.conf
	start
	before=$(fact "$(daemons)" VmRSS | tr -dc 0-9)
	check "100,000 peers" timeout 30 "$WG" setconf wgt /run/many.conf
	after=$(fact "$(daemons)" VmRSS | tr -dc 0-9)
	check "are all there" same $n "$("$WG" show wgt peers | wc -l)"
	check "take less than a kilobyte each" sh -c "echo $(((after - before) * 1024 / n)) bytes; [ $(((after - before) * 1024 / n)) -lt 1000 ]"
	sed '/^\[Peer\]/,$d' /run/many.conf >/run/none.conf
	check "and go" "$WG" setconf wgt /run/none.conf
	check "with their memory" sh -c "[ $(fact "$(daemons)" VmRSS | tr -dc 0-9) -lt $((before + 8000)) ]"
	ip link del wgt
	check "nothing is left of them" none_left
else
	skip "100,000 peers" "no $B/tests/oracle/gen"
fi
finish
