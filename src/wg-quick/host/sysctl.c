// SPDX-License-Identifier: GPL-2.0
/* One sysctl. In containers /proc/sys is often read-only, with the right value put there by
 * whoever started them; so nothing is written where nothing has to change. */
#include "sysctl.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include "../../lib/base/cleanup.h"

const char *sysctl_name(void)
{
	static char name[48];

	snprintf(name, sizeof(name), "net.ipv4.conf.all.%s_%s_%s", "src", "valid", "mark");
	return name;
}

/* The file of that name. */
static int open_sysctl(int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/%s", sysctl_name());
	for (char *c = path; *c; c++)
		if (*c == '.')
			*c = '/';
	return open(path, flags | O_CLOEXEC);
}

bool sysctl_marks_count(void)
{
	cleanup(close_fd) int fd = open_sysctl(O_RDONLY);
	char value;

	return fd >= 0 && read(fd, &value, 1) == 1 && value == '1';
}

bool sysctl_is_read_only(void)
{
	cleanup(close_fd) int fd = open_sysctl(O_WRONLY);

	return fd < 0 && (errno == EROFS || errno == EACCES || errno == EPERM);
}

int sysctl_set_marks_count(bool on, struct wg_error *err)
{
	cleanup(close_fd) int fd = -1;

	if (sysctl_marks_count() == on)
		return 0;
	fd = open_sysctl(O_WRONLY);
	if (fd < 0 || write(fd, on ? "1\n" : "0\n", 2) != 2)
		return wg_error_errno(err, errno, "cannot set %s", sysctl_name());
	return 0;
}
