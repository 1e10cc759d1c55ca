// SPDX-License-Identifier: GPL-2.0
/* Privileges: user, capabilities, and what else the kernel lets one give up. */
#include "sandbox.h"
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "../../lib/cleanup.h"
#include "../../lib/secret.h"

#define NOBODY 65534
#define CAPABILITIES 64 /* a bound on how many there are */

static bool is_number(const char *text, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *n < UINT32_MAX;
}

/* Without the name service: its libraries would stay in memory for one look at one file. */
int sandbox_find_user(struct sandbox_user *u, const char *name, struct wg_error *err)
{
	cleanup(close_file) FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *entry;
	unsigned long n;
	bool number = is_number(name, &n);

	while (f && (entry = fgetpwent(f))) {
		if (strcmp(entry->pw_name, name) && !(number && entry->pw_uid == n))
			continue;
		*u = (struct sandbox_user){entry->pw_uid, entry->pw_gid};
		return 0;
	}
	if (number || !strcmp(name, "nobody")) {
		u->uid = u->gid = number ? (uid_t)n : NOBODY;
		return 0;
	}
	return wg_error_set(err, "there is no user `%s' in /etc/passwd", name);
}

static bool set_capabilities(u64 set)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {
		{.effective = (u32)set, .permitted = (u32)set},
		{.effective = (u32)(set >> 32), .permitted = (u32)(set >> 32)},
	};

	return syscall(SYS_capset, &header, data) == 0;
}

static u64 permitted_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {{0}};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return data[0].permitted | (u64)data[1].permitted << 32;
}

/* What no program that this process would start could ever have. Needs CAP_SETPCAP; without it
 * there is still no_new_privs. */
static void empty_bounding_set(void)
{
	for (unsigned long c = 0; c < CAPABILITIES; c++)
		(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

static int become(const struct sandbox_user *u, struct wg_error *err)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(u->gid, u->gid, u->gid) < 0 ||
	    setresuid(u->uid, u->uid, u->uid) < 0)
		return wg_error_errno(err, errno, "cannot become user %u", (unsigned int)u->uid);
	return 0;
}

static void forbid_core_dumps(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	wg_secret_guard();
}

int sandbox_enter(const struct sandbox_user *u, struct wg_error *err)
{
	const u64 wanted = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_BIND_SERVICE;

	empty_bounding_set();
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return wg_error_errno(err, errno, "cannot keep capabilities");
	if (become(u, err) < 0)
		return -1;
	if (!set_capabilities(wanted & permitted_capabilities()))
		return wg_error_errno(err, errno, "cannot give up capabilities");
	(void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	forbid_core_dumps();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return wg_error_errno(err, errno, "cannot give up privileges");
	(void)sandbox_filter_daemon();
	return 0;
}

/* All but two, wherever those are. */
static void close_others(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (low)
		close_range(0, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1, ~0U, 0);
}

bool sandbox_keeper(int folder, int pipe_fd)
{
	close_others(folder, pipe_fd);
	empty_bounding_set();
	forbid_core_dumps();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || !set_capabilities(0))
		return false;
	(void)sandbox_filter_keeper();
	return true;
}
