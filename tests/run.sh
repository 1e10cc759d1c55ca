#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# sudo sh tests/run.sh [STAGE...]: every test, from a fresh Debian 12 on; what is missing is
# installed from Debian. All stages run even if one fails; three run at a time, for many wait more than they
# work. Failures are shown with their output, all output is kept in build/logs, and the last line counts. Ends
# with 0 only if nothing failed; with CI set, a skipped test is a failed one.
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top" || exit 1
logs=build/logs
export WG="$top/build/wg/wg" WG_QUICK="$top/build/wg-quick/wg-quick"
export WG_QUICK_TESTHOOKS="$top/build/testhooks/wg-quick/wg-quick"
export ORACLE_WG="$top/build/oracle/usr/bin/wg" ORACLE_WG_QUICK="$top/build/oracle/usr/bin/wg-quick"
export LC_ALL=C
# For all that the tests build.
export WERROR=1
# Debian's programs, whatever else a user has put before them.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# NAME, how long on two cores, what it does. The first ones prepare, one after the other; of the last ones
# the long ones begin first, so that they do not end alone.
prepare="deps build"
table='deps|6 min from nothing|installs what the tests need
build|2 min|builds with gcc, once more with the hooks of the crash tests; warnings are errors
module-uml|25 min|builds User Mode Linux; our module on it: links, loops, and the kernel'\''s own test
clang|3 min|builds everything with clang; warnings are errors
layers|30 s|checks who includes whom, what the shared objects need, and that each kind of fault has its test
lint|3 min|gcc'\''s analyzer, clang-tidy and cppcheck find nothing
unit|1 min|the unit tests
unit-san|4 min|the unit tests with AddressSanitizer and UndefinedBehaviorSanitizer
coverage|4 min|counts what the tests of core and crypto run: 95 % of the lines, 90 % of the branches
sim|3 min|thousands of simulated networks, each from a seed, and the faults that they must notice
ct|4 min|checks with valgrind that no branch and no index depends on a secret
cross|4 min|the unit tests of crypto and core on 32-bit and big-endian machines, emulated
fuzz|3 min|20,000 inputs, or ten seconds of them, for each fuzzer, with sanitizers
cli|15 s|the command line, in network namespaces
netns|20 min|devices and tunnels in network namespaces, on what this kernel has
datapath|2 min|what wg-tun does where offloads are refused, and with marks, routes and addresses
cases|4 min|faults that implementations had in public: floods, slow ways, loops, forged messages
interop|3 min|wg-tun with wireguard-go of Debian 12 and of sid, with itself, and read by tshark
soak|2 min|a tunnel while all changes, built with sanitizers; clocks that jump
load|30 s|100,000 peers, and 100,000 allowed IPs
oracle|10 min|compares with the newest wg, and with Debian 12'\''s wg-quick, byte for byte
install|1 min|make install and uninstall, file by file; the Makefile'\''s own answers, and make dist
compilers|40 min|builds with gcc 12 to 15 and clang 14 to 19, if WG_TEST_FULL is set
module|14 min|the module as kernel source, with sparse, checkpatch and DKMS; with WG_TEST_FULL for four kernels
systemd|2 min|the units under a real systemd in a container, booted twice
module-stress|20 min|a kernel that watches itself: our module while all changes, asked nonsense, without memory, if WG_TEST_FULL is set
packages|2 min|the Debian packages: built, checked, installed, upgraded and removed while a tunnel is up
module-kcsan|20 min|the same changes in a kernel that looks for data races, if WG_TEST_FULL is set
vm-6.12|7 min|the same tests on Debian'\''s kernel 6.12, emulated, with its own WireGuard
vm-6.1|9 min|some of these tests on Debian'\''s kernel 6.1, emulated, with its own WireGuard, if WG_TEST_FULL is set
module-5.10|6 min|some of these tests on Debian'\''s kernel 5.10, emulated, with our module, if WG_TEST_FULL is set
module-6.1|7 min|and on 6.1, if WG_TEST_FULL is set
module-6.12|8 min|and on 6.12, if WG_TEST_FULL is set
module-rt|5 min|and on 6.12 with PREEMPT_RT, if WG_TEST_FULL is set
module-contract|25 min|both modules side by side in one User Mode Linux, if WG_TEST_FULL is set
module-interop|15 min|on User Mode Linux: our module with itself, wg-tun, wireguard-go, and the kernel'\''s own; a flood; if WG_TEST_FULL is set
module-7|10 min|and on the newest; one that is copied while it runs'

# The counted lines that a command printed; a command that fails must have said what.
ended() # STATUS NAME
{
	[ "$1" = 0 ] || grep -q '^not ok ' "$out" || echo "not ok $2: ended with status $1" >>"$out"
	grep -q '^\(ok\|not ok\|skip\) ' "$out" || echo "not ok $2: tested nothing" >>"$out"
}

step() # NAME COMMAND...: the command is the test
{
	step_name=$1
	shift
	if "$@" >"$out.step" 2>&1 </dev/null; then
		cat "$out.step"
		echo "ok $step_name"
	else
		echo "not ok $step_name"
		sed 's/^/    /' "$out.step"
	fi
	rm -f "$out.step"
}

script() # FILE ARGUMENT...: the command prints ok, not ok and skip lines; it may take SCRIPT_SECONDS, 1200
{
	shell=sh
	case $(head -n 1 "$1") in
	*bash*) shell=bash ;;
	esac
	timeout -k 10 "${SCRIPT_SECONDS:-1200}" $shell "$@" </dev/null >"$out.script" 2>&1
	script_status=$?
	(out=$out.script && ended $script_status "$1")
	cat "$out.script"
	rm -f "$out.script"
}

# Those of the files that begin with #!; the others are what scripts share.
runnable() # FILE...
{
	for f; do
		case $(head -c 2 "$f") in
		'#!') echo "$f" ;;
		esac
	done
}

scripts() # FOLDER
{
	for s in $(runnable tests/"$1"/*.sh); do
		script "$s"
	done
}

# Turns cmocka's lines into counted ones, and keeps them.
unit_program() # NAME PROGRAM
{
	timeout -k 10 600 "$2" >"$out.unit" 2>&1 </dev/null
	unit_status=$?
	sed -n 's/^\[       OK \] \(.*\)/ok \1/p
		s/^\[  SKIPPED \] \([^0-9].*\)/skip \1: by itself/p
		s/^\[  FAILED  \] \([^0-9].*\)/not ok \1/p' "$out.unit" | sort -u -r |
		sed "s|^\(ok\|not ok\|skip\) |\1 $1: |" >"$out.counted"
	cat "$out.counted"
	if [ "$unit_status" != 0 ]; then
		grep -q '^not ok ' "$out.counted" || echo "not ok $1: ended with status $unit_status"
		echo "    all that $1 printed:"
		sed 's/^/    /' "$out.unit"
	fi
	grep '^\[=*\]\|^\[  PASSED  \]' "$out.unit"
	rm -f "$out.unit" "$out.counted"
}

unit_programs() # FOLDER
{
	for f in $(find tests/unit -name "*.c" | sort); do
		name=${f#tests/unit/}
		name=${name%.c}
		unit_program "$name" "$1/unit/$name"
	done
}

fuzzers()
{
	for f in tests/fuzz/*.c; do
		name=${f##*/}
		name=${name%.c}
		# Inputs it finds go to the first folder.
		rm -rf "build/fuzz/short/$name"
		mkdir -p "build/fuzz/short/$name"
		step "fuzz $name" "build/fuzz/$name" -seed=1 -runs="${FUZZ_RUNS:-20000}" -max_total_time=10 -verbosity=0 \
			-artifact_prefix=build/fuzz/ "build/fuzz/short/$name" "tests/fuzz/corpus/$name"
	done
}

machine() # STAGE KERNEL ARGUMENT...
{
	vm_scripts=$(sh tests/vm/scripts.sh "$1")
	shift
	case $vm_scripts in
	*kernel-selftest*) step "the kernel's source is there" sh tests/module/kernel.sh source ;;
	esac
	sh tests/vm/run.sh "$@" $vm_scripts
	vm_status=$?
	# It has said so itself where a script failed.
	[ "$vm_status" -le 1 ] || echo "not ok machine with kernel $1: ended with status $vm_status"
	ended "$vm_status" "machine with kernel $1"
}

# Our module, built for a kernel of tests/module/build.sh, on that kernel.
our_module() # STAGE SUITE KERNEL
{
	step "the module is built for $2" sh tests/module/build.sh "$2"
	machine "$1" "$3" --module "build/module/$2/wireguard.ko"
}

stage() # NAME: what a stage runs; prints counted lines
{
	case $1 in
	deps)
		step "packages are installed" sh tests/deps.sh test
		step "wireguard-tools are unpacked" sh tests/oracle.sh
		step "and the newest wg" sh tests/oracle.sh --newest
		;;
	build)
		step "gcc builds wg, wg-quick, wg-tun and the pages" make -s -j2 all
		step "gcc builds the test programs" make -s -k -j2 unit helpers net-tool
		step "warnings were errors" grep -q -e ' -Werror ' build/flags
		step "a second time nothing is built" sh -c '! (make -s unit; make -s all) | grep " [CL][CD] "'
		step "gcc builds with test hooks" make -s -j2 TESTHOOKS=1 B=build/testhooks all
		;;
	clang) step "clang builds everything" make -s -k -j2 CC=clang B=build/clang all unit helpers ;;
	layers)
		script tests/layers.sh
		script tests/core.sh
		script tests/defects.sh
		;;
	lint) SCRIPT_SECONDS=2400 script "tests/$1.sh" ;;
	unit) unit_programs build ;;
	unit-san)
		step "gcc builds with sanitizers" make -s -k -j2 SAN=1 B=build/san unit
		unit_programs build/san
		;;
	sim)
		step "gcc builds the simulator" make -s -j2 sim
		step "gcc builds it with sanitizers" make -s -j2 SAN=1 B=build/san sim
		build/tests/sim/sim --runs 2000 </dev/null
		build/san/tests/sim/sim --seed 100001 --runs 200 </dev/null
		script tests/sim/mutants.sh
		;;
	module)
		for part in sources ${WG_TEST_FULL:+bullseye bookworm trixie} sid; do
			[ "$part" = sources ] || step "a Debian of $part is made" sh tests/module/root.sh "$part"
			SCRIPT_SECONDS=2400 script tests/module/check.sh "$part"
		done
		[ -n "${WG_TEST_FULL-}" ] || script tests/module/oldest.sh
		;;
	ct | cross) script "tests/$1/run.sh" ;;
	fuzz)
		step "clang builds the fuzzers" make -s -k -j2 fuzzers
		fuzzers
		;;
	soak)
		step "gcc builds wg-tun with AddressSanitizer" make -s SAN=1 B=build/san build/san/tun/wg-tun
		step "gcc builds wg-tun with ThreadSanitizer" make -s -j2 TSAN=1 B=build/tsan build/tsan/tun/wg-tun
		scripts soak
		;;
	cli | netns | datapath | interop | load) scripts "$1" ;;
	oracle)
		(ORACLE_WG=$top/build/oracle-newest/wg SCRIPT_SECONDS=2400 script tests/oracle/wg.sh)
		[ -z "${WG_TEST_FULL-}" ] || script tests/oracle/wg.sh
		SCRIPT_SECONDS=2400 script tests/oracle/wg-quick.sh
		;;
	cases) script tests/cases/run.sh ;;
	install)
		SCRIPT_SECONDS=2400 script tests/install.sh
		SCRIPT_SECONDS=2400 script tests/makefile.sh
		;;
	compilers) SCRIPT_SECONDS=7200 script tests/compilers.sh ;;
	coverage | packages | systemd) SCRIPT_SECONDS=2400 script "tests/$1.sh" ;;
	vm-*) machine "$1" "${1#vm-}" ;;
	module-5.10) our_module "$1" bullseye 5.10 ;;
	module-6.1) our_module "$1" bookworm 6.1 ;;
	module-6.12) our_module "$1" trixie 6.12 ;;
	module-rt) our_module "$1" trixie-rt 6.12-rt ;;
	module-7)
		our_module "$1" sid 7
		script tests/module/fork.sh 7 build/module/sid/wireguard.ko
		;;
	module-uml)
		our_module "$1" uml uml
		script tests/module/no-ipv6.sh
		;;
	module-interop)
		our_module "$1" uml uml
		script tests/module/in-tree.sh
		script tests/module/netlink.sh
		;;
	module-contract) SCRIPT_SECONDS=3000 script tests/module/contract.sh ;;
	module-stress)
		step "the kernel 'debug' is built" sh tests/module/kernel.sh debug
		STRESS_SECONDS=${STRESS_SECONDS:-30} NTH_SECONDS=${NTH_SECONDS:-20} script tests/module/stress.sh
		;;
	module-kcsan)
		step "the kernel 'kcsan' is built" sh tests/module/kernel.sh kcsan
		SCRIPT_SECONDS=3000 script tests/module/stress.sh kcsan tests/module/only/stress.sh
		;;
	esac
}

count() # WORD FILE...
{
	word=$1
	shift
	cat "$@" 2>/dev/null | grep -c "^$word "
}

# Of the children that were waited for, from what `times` printed; not in a subshell, which has none.
processor_seconds() # FILE
{
	awk -F '[ms ]+' 'NR == 2 { printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }' "$1"
}

# Runs one stage with its output in a log, then shows what matters of it at once. In a process of its own,
# for it counts its processor time.
run_stage() # NAME
{
	out=$top/$logs/$1.log
	printf '%s\n' "$table" | sed -n "s/^$1|\([^|]*\)|\(.*\)/== $1: \2 (about \1)/p"
	begin=$(date +%s)
	stage "$1" >"$out" 2>&1
	ended 0 "$1"
	times >"$out.times"
	{
		echo "-- $1: $(count ok "$out") passed, $(count 'not ok' "$out") failed, $(count skip "$out")" \
			"skipped, $(($(date +%s) - begin)) s, $(processor_seconds "$out.times") s of processors"
		case $1 in
		unit) grep '^\[  PASSED  \]' "$out" ;;
		esac
		awk '/^not ok |^skip / { print; show = /^not/; next } /^(    |# )/ && show { print; next } { show = 0 }' "$out"
	} >"$out.shown"
	cat "$out.shown"
	rm -f "$out.shown" "$out.times"
}

if [ "${1-}" = --stage ]; then
	run_stage "$2"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "tests/run.sh: the tests need root, for network namespaces: run \`sudo sh tests/run.sh\`" >&2
	exit 1
fi
all=$(printf '%s\n' "$table" | sed 's/|.*//')
for name; do
	printf '%s\n' "$all" | grep -qx -e "$name" || {
		echo "tests/run.sh: no stage $name; there are:" $all >&2
		exit 1
	}
done
# By itself 6.12 with its own WireGuard, and ours on User Mode Linux's 6.1 and on the newest; what is longer
# with WG_TEST_FULL set, or by name.
longer=$(printf '%s\n' compilers vm-6.1 module-5.10 module-6.1 module-6.12 module-rt module-stress module-kcsan module-interop module-contract)
[ $# != 0 ] || set -- $(printf '%s\n' "$all" | grep -vxF "${WG_TEST_FULL:-$longer}")
rm -rf "$logs"
mkdir -p "$logs"
for name in $prepare; do
	case " $* " in
	*" $name "*) sh tests/run.sh --stage "$name" ;;
	esac
done
later=$(printf '%s\n' "$@" | grep -vx "$(printf '%s\n' $prepare)")
[ -z "$later" ] || printf '%s\n' "$later" | xargs -P 3 -n 1 sh tests/run.sh --stage

passed=$(count ok $logs/*.log)
failed=$(count 'not ok' $logs/*.log)
skipped=$(count skip $logs/*.log)
if [ -n "${CI-}" ] && [ "$skipped" != 0 ]; then
	echo "With CI set a skipped test counts as failed: $skipped."
	failed=$((failed + skipped)) skipped=0
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
