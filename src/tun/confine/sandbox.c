// SPDX-License-Identifier: GPL-2.0
/* Privileges: user, capabilities, and what else the kernel lets a process give up. */
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
#include "../../lib/base/cleanup.h"
#include "../../lib/base/secret.h"
#include "../../lib/command/arguments.h"
#include "../report/logger.h"

#define OWN_USER	"_wg-tun" /* packages create it */
#define NOBODY		65534
#define CAPABILITIES	64    /* a bound on how many there are */
#define MAX_DESCRIPTORS 65536 /* to close one by one, where the limit is higher or unknown */

static bool is_number(const char *text, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *n < UINT32_MAX;
}

/* Looks for a user by name, or by number where `number` is not NULL. The name service is not asked: its
 * libraries would stay in memory for one look at one file. */
static bool find_in_passwd(struct sandbox_user *u, const char *name, const unsigned long *number)
{
	cleanup(close_file) FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *entry;

	while (f && (entry = fgetpwent(f))) {
		if (strcmp(entry->pw_name, name) && !(number && entry->pw_uid == *number))
			continue;
		u->uid = entry->pw_uid;
		u->gid = entry->pw_gid;
		return true;
	}
	return false;
}

int sandbox_find_user(struct sandbox_user *u, const char *name, struct wg_error *err)
{
	const char *wanted = name ? name : "nobody";
	char word[WG_ARGUMENTS_QUOTED];
	unsigned long n;
	bool number = is_number(wanted, &n);

	u->required = name != NULL;
	if (!name && find_in_passwd(u, OWN_USER, NULL))
		return 0;
	if (find_in_passwd(u, wanted, number ? &n : NULL))
		return 0;
	if (number || !strcmp(wanted, "nobody")) {
		u->uid = u->gid = number ? (uid_t)n : NOBODY;
		return 0;
	}
	wg_arguments_quote(word, wanted);
	wg_error_set(err, "/etc/passwd has no user %s: --user wants a user of this system", word);
	return -1;
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

/* The bounding set is what a program that this process starts could ever have. Emptying it takes
 * CAP_SETPCAP; without that there is still no_new_privs. */
static void empty_bounding_set(void)
{
	for (unsigned long c = 0; c < CAPABILITIES; c++)
		(void)prctl(PR_CAPBSET_DROP, c, 0, 0, 0);
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

/* EINVAL is what the kernel says of a number that a user namespace does not map. */
static const char *reason(int error)
{
	return error == EINVAL ? "this user namespace does not map it" : strerror(error);
}

/* Each part is tried by itself: the user without the group is better than neither. Returns 0 or the
 * errno value of what was refused first. */
static int change_user(const struct sandbox_user *u)
{
	int error = 0;

	if (setgroups(0, NULL) < 0 && getgroups(0, NULL) > 0) {
		error = errno;
		logger_say(LOGGER_ERROR, "cannot leave the supplementary groups: %s: the daemon "
			   "keeps them", strerror(error));
	}
	if (setresgid(u->gid, u->gid, u->gid) < 0) {
		error = error ? error : errno;
		logger_say(LOGGER_ERROR, "cannot change to group %u: %s: the daemon keeps group %u",
			   (unsigned int)u->gid, reason(errno), (unsigned int)getegid());
	}
	if (setresuid(u->uid, u->uid, u->uid) < 0) {
		error = error ? error : errno;
		logger_say(LOGGER_ERROR, "cannot become user %u: %s: the daemon stays user %u",
			   (unsigned int)u->uid, reason(errno), (unsigned int)geteuid());
	}
	return error;
}

static int become_user(const struct sandbox_user *u, struct wg_error *err)
{
	int error;

	if (geteuid() != 0 && !u->required)
		return 0;
	/* Without this a change of user would take the capabilities along that are needed. */
	error = prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? errno : 0;
	if (error)
		logger_say(LOGGER_ERROR, "cannot keep capabilities as another user: %s: the "
			   "daemon stays user %u", strerror(error), (unsigned int)geteuid());
	else
		error = change_user(u);
	(void)prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	if (error && u->required)
		return wg_error_set(err, "cannot become user %u: %s: give CAP_SETUID and "
				    "CAP_SETGID, or leave --user out", (unsigned int)u->uid,
				    reason(error));
	return 0;
}

static void forbid_core_dumps(void)
{
	const struct rlimit none = {0, 0};

	(void)setrlimit(RLIMIT_CORE, &none);
	wg_secret_guard();
}

/* A filter needs no_new_privs. */
static void filter_calls(void)
{
	int error;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		logger_say(LOGGER_ERROR, "cannot set no_new_privs: %s: the daemon goes on without",
			   strerror(errno));
	error = sandbox_filter_daemon();
	if (error == ENOTSUP)
		logger_say(LOGGER_ERROR, "there is no filter of system calls for this machine or "
			   "build: the daemon goes on without");
	else if (error)
		logger_say(LOGGER_ERROR, "cannot install the filter of system calls: %s: the "
			   "daemon goes on without", strerror(error));
}

int sandbox_enter(const struct sandbox_user *u, struct wg_error *err)
{
	const u64 wanted = 1ULL << CAP_NET_ADMIN | 1ULL << CAP_NET_BIND_SERVICE;

	empty_bounding_set();
	if (become_user(u, err) < 0)
		return -1;
	if (!set_capabilities(wanted & permitted_capabilities()))
		return wg_error_errno(err, errno, "cannot give up capabilities");
	forbid_core_dumps();
	filter_calls();
	return 0;
}

/* For kernels, and filters of container engines, that do not have close_range(). */
static void close_each(unsigned int from, unsigned int to)
{
	long limit = sysconf(_SC_OPEN_MAX);

	if (limit < 0 || limit > MAX_DESCRIPTORS)
		limit = MAX_DESCRIPTORS;
	for (unsigned int fd = from; fd <= to && fd < (unsigned int)limit; fd++)
		close((int)fd);
}

static void close_between(unsigned int from, unsigned int to)
{
	if (from <= to && close_range(from, to, 0) < 0)
		close_each(from, to);
}

/* Closes from *from up to the one before `fd`, and goes on behind it. */
static void close_up_to(unsigned int *from, int fd)
{
	if (fd < 0 || (unsigned int)fd < *from)
		return;
	if ((unsigned int)fd > *from)
		close_between(*from, (unsigned int)fd - 1);
	*from = (unsigned int)fd + 1;
}

void sandbox_close_others(unsigned int from, int a, int b)
{
	close_up_to(&from, a < b ? a : b);
	close_up_to(&from, a < b ? b : a);
	close_between(from, ~0U);
}

void sandbox_enter_cleanup(int folder, int pipe_fd)
{
	sandbox_close_others(0, folder, pipe_fd);
	empty_bounding_set();
	forbid_core_dumps();
	(void)set_capabilities(0);
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)sandbox_filter_cleanup();
}
