// SPDX-License-Identifier: GPL-2.0
/* Nothing is written where nothing has to change: in containers /proc/sys is often read-only, with the
 * right value put there by whoever started them. */
#include "kernel-setting.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../../lib/base/alloc.h"
#include "../../lib/base/cleanup.h"

#define PATH_SIZE (sizeof("/proc/sys/") + sizeof(((struct kernel_setting *)0)->name))

static int open_setting(const char *name, int flags)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	return open(path, flags | O_CLOEXEC);
}

bool kernel_setting_get(const char *name, u32 *value)
{
	cleanup(close_fd) int fd = open_setting(name, O_RDONLY);
	char text[16] = "", *end;

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return false;
	*value = (u32)strtoul(text, &end, 10);
	return end != text;
}

int kernel_setting_set(const char *name, u32 value, struct wg_error *err)
{
	cleanup(close_fd) int fd = open_setting(name, O_WRONLY);
	char text[16];
	int len = snprintf(text, sizeof(text), "%u\n", value);

	if (fd < 0 || write(fd, text, (size_t)len) != len)
		return wg_error_errno(err, errno, "cannot set %s to %u", name, value);
	return 0;
}

bool kernel_setting_is_read_only(const char *name)
{
	cleanup(close_fd) int fd = open_setting(name, O_WRONLY);

	return fd < 0 && (errno == EROFS || errno == EACCES || errno == EPERM);
}

struct collection {
	struct kernel_setting **list;
	size_t *n;
	bool (*is_ours)(void *ctx, const struct kernel_setting *setting);
	void *ctx;
};

/* Returns whether it was added. */
static bool add_setting(const struct collection *c, const struct kernel_setting *setting)
{
	u32 now;

	if (!kernel_setting_get(setting->name, &now) ||
	    (now != setting->former && (now != setting->value || !c->is_ours(c->ctx, setting))))
		return false;
	*c->list = wg_realloc(*c->list, *c->n + 1, sizeof(**c->list));
	(*c->list)[(*c->n)++] = *setting;
	return true;
}

/* "default" is among them: links that come later have its value. "all" has no effect. */
static void add_router_advertisements(const struct collection *c)
{
	DIR *dir = opendir("/proc/sys/net/ipv6/conf");
	const struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct kernel_setting s = {.value = 2, .former = 1};

		if (e->d_name[0] == '.' || !strcmp(e->d_name, "all") || !strcmp(e->d_name, "lo"))
			continue;
		snprintf(s.name, sizeof(s.name), "net/ipv6/conf/%.*s/accept_ra", IFNAMSIZ, e->d_name);
		add_setting(c, &s);
	}
	if (dir)
		closedir(dir);
}

void kernel_settings_for_forwarding(struct kernel_setting **list, size_t *n, bool ipv4, bool ipv6,
				    bool (*is_ours)(void *ctx, const struct kernel_setting *setting),
				    void *ctx)
{
	static const struct kernel_setting forward4 = {"net/ipv4/ip_forward", 1, 0};
	static const struct kernel_setting forward6 = {"net/ipv6/conf/all/forwarding", 1, 0};
	const struct collection c = {list, n, is_ours, ctx};
	size_t before = *n;

	if (ipv6) {
		add_router_advertisements(&c);
		/* Where forwarding is on without us, so is what comes with it. */
		if (!add_setting(&c, &forward6))
			*n = before;
	}
	if (ipv4)
		add_setting(&c, &forward4);
}
