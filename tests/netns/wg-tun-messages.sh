#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# not in a machine: no kernel's WireGuard is part of it
# Messages of a wg-tun in the background reach syslog, a terminal, a file or a container's log, and wait for nobody.
. "$(dirname "$0")/../tool.sh"
alone "$@"
[ -e /dev/net/tun ] || { skip "messages of wg-tun" "no /dev/net/tun"; finish; }
command -v python3 >/dev/null || { skip "messages of wg-tun" "no python3"; finish; }
[ -e /var/run/wireguard ] || mount --bind /run /var/run
unset LOG_LEVEL WG_PROCESS_FOREGROUND NOTIFY_SOCKET JOURNAL_STREAM
export LC_ALL=C

# A /dev of our own, in which there may be a log.
mkdir -p /run/dev/net
for file in null zero urandom random net/tun; do
	touch /run/dev/$file
	mount --bind /dev/$file /run/dev/$file
done
mkdir /run/dev/pts
mount --bind /dev/pts /run/dev/pts
ln -s pts/ptmx /run/dev/ptmx
ln -s /proc/self/fd /run/dev/fd
mount --rbind /run/dev /dev

cat >/run/syslog.py <<'END2'
import os, socket
if os.path.exists("/dev/log"): os.unlink("/dev/log")
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/dev/log")
os.chmod("/dev/log", 0o666)
while True:
    with open("/run/messages", "ab") as f: f.write(s.recv(4096) + b"\n")
END2
start_syslog()
{
	: >/run/messages
	python3 /run/syslog.py &
	syslog=$!
	wait_for 5 test -S /dev/log
}
stop_syslog()
{
	kill $syslog
	wait $syslog 2>/dev/null
	rm /dev/log
}
python3 -c 'import socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("", 4444))
time.sleep(300)' &
wait_for 5 sh -c "ss -Hlun 'sport = :4444' | grep -q ."
complaint='cannot listen on IPv4 UDP port 4444: Address already in use: it is tried again every second; choose another listen-port, or end the program that has this one (ss -lunp)'
gone() { ! ip link show wgt && [ ! -e /run/wireguard/wgt.sock ] && ! pgrep -x wg-tun; }
# The daemon has something to complain about.
complain()
{
	"$WG" set wgt listen-port 4444 && ip link set wgt up
}
end() { ip link del wgt; wait_for 5 gone; }

### Syslog
start_syslog
check "with syslog" sh -c 'timeout 10 sh -c "\"\$1\" wgt 2>&1 | cat" sh "$1"' sh "$WG_TUN"
complain
check "messages reach syslog" wait_for 3 grep -E "^<27>[A-Z][a-z]{2} [ 0-9]{2} [0-9:]{8} wg-tun\[[0-9]+\]: wgt: cannot listen" /run/messages
check "whole" grep -qF "wgt: $complaint" /run/messages
check "once" same 1 "$(grep -c listen /run/messages)"
stop_syslog
start_syslog
ip link set wgt down
ip link set wgt up
check "after syslog was started again, too" wait_for 3 grep -qF "wgt: $complaint" /run/messages
kill -STOP $syslog
flood() { for _ in $(seq 20); do ip link set wgt down; ip link set wgt up; "$WG" show wgt >/dev/null || return; done; }
check "syslog that hangs holds up nothing" timeout 20 bash -c "$(declare -f flood); flood"
kill -CONT $syslog
end
: >/run/messages
"$WG_TUN" -l silent wgt
complain
sleep 0.5
check "silent is silent" same "" "$(cat /run/messages)"
end
stop_syslog

### Without syslog
"$WG_TUN" wgt 2>/run/file
complain
check "messages reach a file" wait_for 3 grep -qxF "wg-tun wgt: $complaint" /run/file
end
in_container() # COMMAND: of which process 1 has /run/log for its standard error
{
	unshare -p -f --mount-proc --kill-child bash -c '"$@" 2>/run/own; complain() { "$WG" set wgt listen-port 4444 && ip link set wgt up; }; complain; sleep 1; ip link del wgt' - "$@" 2>/run/log
}
: >/run/log
check "in a container whose first process has a log" in_container sh -c '"$1" wgt 2>&1 | cat' - "$WG_TUN"
check "messages reach that" grep -qxF "wg-tun wgt: $complaint" /run/log
wait_for 5 gone
mkfifo /run/fifo
cat /run/fifo >/run/from-fifo &
exec 7>/run/fifo
first_process() { unshare -p -f --mount-proc --kill-child bash -c '"$WG_TUN" wgt; "$WG" set wgt listen-port 4444 && ip link set wgt up; sleep 1; ip link del wgt' 2>&7; }
check "standard error is that of the first process: it is kept" first_process
exec 7>&-
check "and gets messages" wait_for 3 grep -qxF "wg-tun wgt: $complaint" /run/from-fifo
wait_for 5 gone
"$WG_TUN" -l error wgt 2> >(cat >/run/pipe)
complain
check "where a level is asked for a pipe is kept" wait_for 3 grep -qxF "wg-tun wgt: $complaint" /run/pipe
end
check "no place at all is said" sh -c 'unshare -p -f --mount-proc --kill-child bash -c "\"\$WG_TUN\" wgt 2>&1 </dev/null | cat >/run/said" 2>/dev/null'
check "in a sentence" same "wg-tun wgt: there is no place for messages of the daemon, which are lost: start syslog, or use --log-level or --foreground" "$(cat /run/said)"
wait_for 5 gone

### Descriptors of the caller
check "standard descriptors that are closed hold up nothing" timeout 10 sh -c '"$1" wgt <&- >&- 2>&-' - "$WG_TUN"
check "nor do they take messages in" "$WG" show wgt
end
start_syslog
check "standard error that is closed" timeout 10 sh -c '"$1" wgt 2>&-' - "$WG_TUN"
complain
check "has messages go to syslog" wait_for 3 grep -qF "wgt: $complaint" /run/messages
end
stop_syslog
locked() { (flock -n 9 && "$WG_TUN" wgt) 9>/run/lock/own && flock -n /run/lock/own true; }
check "a lock of the caller's is not held" locked
end
ends() { timeout 10 cat < <("$WG_TUN" wgt 3>&1 33>&1 >/dev/null 2>&1); }
check "pipes of the caller's end" ends
end

### LOG_LEVEL of another program
check "LOG_LEVEL keeps no pipe of the caller's" sh -c 'LOG_LEVEL=debug timeout 10 sh -c "\"\$WG_TUN\" wgt 2>&1 | cat"'
end
other_level() { same "$2" "$(LOG_LEVEL=$1 timeout 10 "$WG_TUN" wgt 2>&1)"; }
check "LOG_LEVEL=INFO is no error" other_level INFO ""
end
check "an unknown level is told" other_level loud "wg-tun: LOG_LEVEL \`loud' is not a level: expected silent, error or verbose: errors are logged"
check "and is no error" "$WG" show wgt
end

### A reader that hangs
mkfifo /run/hung
exec 8<>/run/hung
python3 -c 'import os
os.set_blocking(8, False)
try:
    while True: os.write(8, b"\n" * 4096)
except BlockingIOError: pass
os.set_blocking(8, True)'
"$WG_TUN" -l verbose wgt 2>&8
more() { for _ in $(seq 20); do ip link set wgt down; ip link set wgt up; done; "$WG" show wgt; }
check "a reader that hangs holds up nothing" timeout 60 bash -c "$(declare -f more); more"
timeout 2 cat <&8 >/run/hung-log
ip link set wgt down
timeout 1 cat <&8 >>/run/hung-log
check "what was lost is told" grep -E "^wg-tun wgt: [0-9]+ messages were lost: their reader did not keep up$" /run/hung-log
end
exec 8>&-

# A terminal is not a pipe: it is ready for writing while it has room for one byte.
cat >/run/terminal.py <<'END2'
import os, pty, signal, subprocess, sys
WG, WG_TUN = os.environ["WG"], os.environ["WG_TUN"]
master, slave = pty.openpty()
filler = os.open(os.ttyname(slave), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
try:
    while True: os.write(filler, b"\n" * 64)
except BlockingIOError: pass
os.read(master, 1000)
subprocess.run([WG_TUN, "-l", "verbose", "wgt"], stdin=subprocess.DEVNULL, stderr=slave, check=True)
flaps = "link set wgt up\nlink set wgt down\n" * 50
for _ in range(12):
    subprocess.run(["ip", "-batch", "-"], input=flaps, text=True, check=True)
    subprocess.run([WG, "show", "wgt"], stdout=subprocess.DEVNULL, check=True, timeout=10)
END2
check "a terminal that hangs holds up nothing" timeout 120 python3 /run/terminal.py
ip link del wgt
check "and the link's end is seen among many messages of the kernel" wait_for 5 gone

### The journal
cat >/run/journal.py <<'END2'
import os, socket, subprocess, sys
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
st = os.fstat(b.fileno())
subprocess.run([sys.argv[1], "wgt"], stderr=b, env=dict(os.environ, JOURNAL_STREAM="%d:%d" % (st.st_dev, st.st_ino)))
b.close()
subprocess.run([os.environ["WG"], "set", "wgt", "listen-port", "4444"])
subprocess.run(["ip", "link", "set", "wgt", "up"])
a.settimeout(5)
print(a.recv(4096).decode(), end="")
END2
check "the journal's stream is kept" same "wg-tun wgt: $complaint" "$(timeout 20 python3 /run/journal.py "$WG_TUN")"
end
finish
