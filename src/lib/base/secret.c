// SPDX-License-Identifier: GPL-2.0
/* What a program does before a secret enters its memory, and after. Guarding and locking are best
 * effort and silent; only the lack of randomness is an error. */
#include "secret.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>

void wg_secret_guard(void)
{
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void wg_secret_lock(void *p, size_t len)
{
	int saved = errno;

	(void)mlock(p, len);
	errno = saved;
}

void wg_secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

int wg_secret_random(u8 *out, size_t len, struct wg_error *err)
{
	size_t done = 0;

	/* More than 256 bytes at once may be cut short by a signal. */
	while (done < len) {
		ssize_t n = getrandom(out + done, len - done, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return wg_error_errno(err, errno, "cannot get random bytes");
		done += (size_t)n;
	}
	return 0;
}
