// SPDX-License-Identifier: GPL-2.0
/* The system call filters: a table of rules for each, and what makes a BPF program of it. The
 * kernel remembers which calls are allowed whatever their arguments, and does not run the program
 * for those. */
#include "sandbox.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

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

int sandbox_filter_daemon(void)
{
	return ENOTSUP;
}

int sandbox_filter_cleanup(void)
{
	return ENOTSUP;
}

#else

/* What happens if (argument & mask) == value. The rules of one call stand together, and the first
 * that decides counts; if none does, or the call has no rule, the process is killed. */
enum rule_kind {
	RULE_ALLOW,  /* the call is allowed if they are equal */
	RULE_REFUSE, /* the call fails with `error` if they are equal */
	RULE_NEED,   /* the process is killed unless they are equal; else the next rule decides */
	RULE_NEED_OWN_PID, /* as RULE_NEED, with the process's own number for `value` */
};

struct rule {
	unsigned int call;
	enum rule_kind kind;
	unsigned int argument, mask, value;
	int error;
};

/* Mask 0 and value 0 are equal for any argument. */
#define ALLOW(name)		   {SYS_##name, RULE_ALLOW, 0, 0, 0, 0}
#define ALLOW_IF(name, arg, v)	   {SYS_##name, RULE_ALLOW, arg, ~0U, v, 0}
#define REFUSE(name, e)		   {SYS_##name, RULE_REFUSE, 0, 0, 0, e}
#define REFUSE_IF(name, arg, v, e) {SYS_##name, RULE_REFUSE, arg, ~0U, v, e}
#define NEED(name, arg, mask, v)   {SYS_##name, RULE_NEED, arg, mask, v, 0}
#define NEED_OWN_PID(name, arg)	   {SYS_##name, RULE_NEED_OWN_PID, arg, ~0U, 0, 0}

#define NEW_NAMESPACES                                                                           \
	((unsigned int)(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | \
			CLONE_NEWNET | CLONE_NEWCGROUP))
#define SOCKET_TYPE 0xfU /* of socket()'s second argument, the rest are flags */
#define TERMINAL_GET2 0x802c542aU /* TCGETS2, whose header does not go with libc's */

/* The calls of packets come first: a kernel without that memory goes through the rules in
 * order. */
static const struct rule daemon_rules[] = {
	/* Packets, and waiting for them. */
	ALLOW(read), ALLOW(write), ALLOW(readv), ALLOW(writev), ALLOW(recvmsg), ALLOW(sendmsg),
	ALLOW(recvmmsg), ALLOW(sendmmsg), ALLOW(epoll_pwait), ALLOW(ppoll), ALLOW(futex),
#ifdef SYS_epoll_wait
	ALLOW(epoll_wait), ALLOW(poll),
#endif
	ALLOW(epoll_ctl), ALLOW(clock_gettime),
	/* Clients of the UAPI socket, netlink, syslog, the service manager. */
	ALLOW(accept4), ALLOW(recvfrom), ALLOW(sendto), ALLOW(shutdown), ALLOW(close),
	/* Sockets of the data path, opened again for another listen port. */
	ALLOW(bind), ALLOW(getsockname), ALLOW(getsockopt), ALLOW(setsockopt),
	/* Syslog, if its daemon was started again; its path is open to all. */
	ALLOW(connect),
	/* Datagrams only: of the internet, and local ones, by which libc asks for the number of a
	 * link and messages reach syslog. No streams, no raw and no packet sockets. */
	NEED(socket, 1, SOCKET_TYPE, SOCK_DGRAM),
	ALLOW_IF(socket, 0, AF_INET), ALLOW_IF(socket, 0, AF_INET6), ALLOW_IF(socket, 0, AF_UNIX),
	/* tunif_state(). */
	ALLOW_IF(ioctl, 1, TUNSETLINK),
	/* tunif_netns() and tunif_index(). */
	ALLOW_IF(ioctl, 1, TUNGETDEVNETNS), ALLOW_IF(ioctl, 1, TUNGETIFF),
	/* if_nametoindex(), for the zone of an endpoint. */
	ALLOW_IF(ioctl, 1, SIOCGIFINDEX),
	/* features_read(). */
	ALLOW_IF(ioctl, 1, SIOCETHTOOL),
	/* isatty() of libc: nothing is a terminal. */
	REFUSE_IF(ioctl, 1, TCGETS, ENOTTY), REFUSE_IF(ioctl, 1, TERMINAL_GET2, ENOTTY),
	/* Descriptors. */
	ALLOW(fcntl), ALLOW(dup3), ALLOW(epoll_create1), ALLOW(eventfd2), ALLOW(lseek),
	/* Time and random numbers. */
	ALLOW(clock_nanosleep), ALLOW(nanosleep), ALLOW(gettimeofday), ALLOW(timerfd_settime),
	ALLOW(getrandom),
	/* Memory, never executable. */
	NEED(mmap, 2, PROT_EXEC, 0), ALLOW(mmap),
	NEED(mprotect, 2, PROT_EXEC, 0), ALLOW(mprotect),
	ALLOW(munmap), ALLOW(mremap), ALLOW(madvise), ALLOW(mlock), ALLOW(brk),
	/* Threads of this process, no processes and no namespaces; libc makes a thread by the older
	 * call if the newer one is not there. */
	REFUSE(clone3, ENOSYS),
	NEED(clone, 0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM),
	NEED(clone, 0, NEW_NAMESPACES, 0), ALLOW(clone),
	ALLOW(set_robust_list), ALLOW(rseq), ALLOW(sched_yield), ALLOW(sched_getaffinity),
	ALLOW(sched_setaffinity), ALLOW(getcpu), ALLOW(membarrier), ALLOW(gettid), ALLOW(getpid),
	/* socket_source_create(). */
	ALLOW(geteuid),
	/* The names of threads; libc names memory, too, and does without. */
	ALLOW_IF(prctl, 0, PR_SET_NAME), REFUSE_IF(prctl, 0, PR_SET_VMA, EINVAL),
	/* Signals, to this process only, and its end. */
	NEED_OWN_PID(tgkill, 0), ALLOW(tgkill),
	ALLOW(restart_syscall), ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn),
	ALLOW(sigaltstack), ALLOW(wait4), ALLOW(exit), ALLOW(exit_group),
	/* No files, but a library that looks for one may go on without. */
	REFUSE(openat, EACCES), ALLOW(newfstatat),
};

static const struct rule cleanup_rules[] = {
	ALLOW(read), ALLOW(flock), ALLOW(newfstatat), ALLOW(unlinkat), ALLOW(exit_group),
	ALLOW(rt_sigreturn), ALLOW(restart_syscall),
	/* The daemon's UDP sockets (socket-source.h). */
	NEED(socket, 1, SOCKET_TYPE, SOCK_DGRAM),
	ALLOW_IF(socket, 0, AF_INET), ALLOW_IF(socket, 0, AF_INET6), ALLOW(sendmsg), ALLOW(close),
};

enum {
	MAX_LENGTH = 1024, /* instructions of a program; the kernel takes 4,096 */
	RULE_LENGTH = 4,   /* instructions of one rule, at most */
};

struct program {
	struct sock_filter code[MAX_LENGTH];
	unsigned short length;
};

static void append_statement(struct program *p, unsigned short code, unsigned int k)
{
	p->code[p->length++] = (struct sock_filter)BPF_STMT(code, k);
}

static void append_jump(struct program *p, unsigned int k, size_t if_equal, size_t if_not)
{
	p->code[p->length++] = (struct sock_filter)BPF_JUMP(
		BPF_JMP | BPF_JEQ | BPF_K, k, (unsigned char)if_equal, (unsigned char)if_not);
}

static void append_load(struct program *p, size_t offset)
{
	append_statement(p, BPF_LD | BPF_W | BPF_ABS, (unsigned int)offset);
}

static void append_return(struct program *p, unsigned int action)
{
	append_statement(p, BPF_RET | BPF_K, action);
}

/* Arguments are 64 bits wide. Those that are looked at here have their meaning in the lower half,
 * which comes first on all these machines. */
static void append_rule(struct program *p, const struct rule *r)
{
	unsigned int value = r->kind == RULE_NEED_OWN_PID ? (unsigned int)getpid() : r->value;

	if (r->mask) {
		append_load(p, offsetof(struct seccomp_data, args[0]) + 8 * r->argument);
		if (r->mask != ~0U)
			append_statement(p, BPF_ALU | BPF_AND | BPF_K, r->mask);
	}
	switch (r->kind) {
	case RULE_ALLOW:
	case RULE_REFUSE:
		if (r->mask)
			append_jump(p, value, 0, 1);
		append_return(p, r->kind == RULE_ALLOW ? SECCOMP_RET_ALLOW
						       : SECCOMP_RET_ERRNO | (unsigned int)r->error);
		break;
	case RULE_NEED:
	case RULE_NEED_OWN_PID:
		append_jump(p, value, 1, 0);
		append_return(p, SECCOMP_RET_KILL_PROCESS);
		break;
	}
}

/* The rules of one call, which begin with `rules`. Returns how many there are. */
static size_t append_call(struct program *p, const struct rule *rules, size_t n)
{
	unsigned short jump = p->length;
	size_t i;

	append_jump(p, rules->call, 0, 0);
	for (i = 0; i < n && rules[i].call == rules->call; i++)
		append_rule(p, &rules[i]);
	/* A rule without an argument, which comes last, has returned. */
	if (rules[i - 1].mask)
		append_return(p, SECCOMP_RET_KILL_PROCESS);
	p->code[jump].jf = (unsigned char)(p->length - jump - 1);
	return i;
}

static int install_filter(const struct rule *rules, size_t n)
{
	struct program p = {.length = 0};
	struct sock_fprog fprog = {.filter = p.code};

	if (n * (RULE_LENGTH + 2) + 5 > MAX_LENGTH)
		return E2BIG;
	append_load(&p, offsetof(struct seccomp_data, arch));
	append_jump(&p, THIS_ARCH, 1, 0);
	append_return(&p, SECCOMP_RET_KILL_PROCESS);
	append_load(&p, offsetof(struct seccomp_data, nr));
	for (size_t i = 0; i < n;)
		i += append_call(&p, rules + i, n - i);
	append_return(&p, SECCOMP_RET_KILL_PROCESS);
	fprog.len = p.length;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &fprog) == 0 ? 0 : errno;
}

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

int sandbox_filter_daemon(void)
{
	return install_filter(daemon_rules, COUNT(daemon_rules));
}

int sandbox_filter_cleanup(void)
{
	return install_filter(cleanup_rules, COUNT(cleanup_rules));
}

#endif
