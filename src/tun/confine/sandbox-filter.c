// SPDX-License-Identifier: GPL-2.0
/* The system call filters, as BPF programs made here: for a list this short a library would be more
 * than what it replaces. First come the calls of which only some uses are allowed, then a list. The
 * kernel remembers, for each call that is allowed whatever its arguments, that it is. */
#include "sandbox.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
#define THIS_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define THIS_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define THIS_ARCH AUDIT_ARCH_RISCV64
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#undef THIS_ARCH
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef THIS_ARCH
#endif
#endif

#ifndef THIS_ARCH

bool sandbox_filter_daemon(void)
{
	return false;
}

bool sandbox_filter_keeper(void)
{
	return false;
}

#else

#define ALLOW	   SECCOMP_RET_ALLOW
#define KILL	   SECCOMP_RET_KILL_PROCESS
#define REFUSE(e)  (SECCOMP_RET_ERRNO | (e))

#define LOAD(field)	 BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(what)	 BPF_STMT(BPF_RET | BPF_K, what)
#define UNLESS(n, skip)	 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, n, 0, skip)
#define IF(n, skip)	 BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, n, skip, 0)
#define IF_ANY(bits, skip) BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, bits, skip, 0)

/* Loads the number of the call, if it was made the usual way. */
#define USUAL_WAY LOAD(arch), IF(THIS_ARCH, 1), RETURN(KILL), LOAD(nr)

/* Arguments are 64 bits wide; these have their meaning in the lower, which is the first, half. */
static const struct sock_filter daemon_uses[] = {
	USUAL_WAY,
	/* Sockets of the internet, and those by which libc asks for the name of a link. */
	UNLESS(SYS_socket, 6), LOAD(args[0]), IF(AF_INET, 3), IF(AF_INET6, 2), IF(AF_UNIX, 1),
	RETURN(KILL), RETURN(ALLOW),
	/* Threads, no processes; libc makes a thread by the older call if the newer is not
	 * there. */
	UNLESS(SYS_clone, 4), LOAD(args[0]), IF_ANY(CLONE_THREAD, 1), RETURN(KILL), RETURN(ALLOW),
	UNLESS(SYS_clone3, 1), RETURN(REFUSE(ENOSYS)),
	/* No memory that can be executed. */
	UNLESS(SYS_mmap, 4), LOAD(args[2]), IF_ANY(PROT_EXEC, 1), RETURN(ALLOW), RETURN(KILL),
	UNLESS(SYS_mprotect, 4), LOAD(args[2]), IF_ANY(PROT_EXEC, 1), RETURN(ALLOW), RETURN(KILL),
	/* No files, but libraries that look for one may go on without. */
	UNLESS(SYS_openat, 1), RETURN(REFUSE(EACCES)),
};

static const unsigned int daemon_calls[] = {
	/* packets */
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_recvmsg, SYS_sendmsg, SYS_recvmmsg,
	SYS_sendmmsg, SYS_recvfrom, SYS_sendto, SYS_epoll_pwait, SYS_epoll_ctl, SYS_ppoll,
	SYS_futex,
#ifdef SYS_epoll_wait
	SYS_epoll_wait, SYS_poll,
#endif
	SYS_ioctl, SYS_bind, SYS_connect, SYS_accept4, SYS_getsockname, SYS_getsockopt,
	SYS_setsockopt, SYS_shutdown, SYS_close, SYS_fcntl, SYS_dup3, SYS_epoll_create1,
	SYS_eventfd2,
	/* time and chance */
	SYS_clock_gettime, SYS_clock_nanosleep, SYS_nanosleep, SYS_gettimeofday,
	SYS_timerfd_settime, SYS_getrandom,
	/* memory */
	SYS_munmap, SYS_mremap, SYS_madvise, SYS_mlock, SYS_brk,
	/* threads */
	SYS_set_robust_list, SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity,
	SYS_sched_setaffinity, SYS_getcpu, SYS_membarrier, SYS_prctl, SYS_gettid, SYS_getpid,
	SYS_tgkill, SYS_restart_syscall, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn,
	SYS_sigaltstack, SYS_wait4, SYS_newfstatat, SYS_lseek, SYS_exit, SYS_exit_group,
};

static const struct sock_filter keeper_uses[] = {USUAL_WAY};

static const unsigned int keeper_calls[] = {
	SYS_read, SYS_flock, SYS_newfstatat, SYS_unlinkat, SYS_exit_group, SYS_rt_sigreturn,
	SYS_restart_syscall,
};

#define MAX_LENGTH 256 /* jumps reach no further */

/* `uses`, then: one of `calls` is allowed, anything else is the end. */
static bool install(const struct sock_filter *uses, size_t n_uses, const unsigned int *calls,
		    size_t n_calls)
{
	const struct sock_filter killing = RETURN(KILL), allowing = RETURN(ALLOW);
	struct sock_filter program[MAX_LENGTH];
	struct sock_fprog fprog = {.filter = program};

	if (n_uses + n_calls + 2 > MAX_LENGTH)
		return false;
	memcpy(program, uses, n_uses * sizeof(*uses));
	for (size_t i = 0; i < n_calls; i++)
		program[n_uses + i] =
			(struct sock_filter)IF(calls[i], (unsigned char)(n_calls - i));
	program[n_uses + n_calls] = killing;
	program[n_uses + n_calls + 1] = allowing;
	fprog.len = (unsigned short)(n_uses + n_calls + 2);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog) == 0;
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

bool sandbox_filter_daemon(void)
{
	return install(daemon_uses, COUNT(daemon_uses), daemon_calls, COUNT(daemon_calls));
}

bool sandbox_filter_keeper(void)
{
	return install(keeper_uses, COUNT(keeper_uses), keeper_calls, COUNT(keeper_calls));
}

#endif
