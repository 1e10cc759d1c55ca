// SPDX-License-Identifier: GPL-2.0
/* `wg genkey` and `wg genpsk`: a new key on standard output. The key goes out by write(2), as a
 * buffer of stdio's could not be wiped; a key that did not get out whole is an error. */
#include "verb.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "../crypto/curve25519.h"
#include "../lib/base/cleanup.h"
#include "../lib/base/encoding.h"
#include "../lib/base/secret.h"

struct secrets {
	u8 key[WG_KEY_LEN];
	char line[WG_KEY_BASE64_LEN + 1]; /* the newline stands where the NUL was */
};

static void wipe_secrets(struct secrets *s)
{
	wg_secret_wipe(s, sizeof(*s));
}

static void warn_if_world_accessible(void)
{
	struct stat st;

	if (!fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) && st.st_mode & S_IRWXO)
		fputs("Warning: writing to world accessible file.\n"
		      "Consider setting the umask to 077 and trying again.\n",
		      stderr);
}

static int write_all(const char *s, size_t len, struct wg_error *err)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, s, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return wg_error_errno(err, errno, "Unable to write to standard output");
		s += n;
		len -= (size_t)n;
	}
	return 0;
}

int verb_genkey(const struct wg_call *call, struct wg_error *err)
{
	cleanup(wipe_secrets) struct secrets s;

	warn_if_world_accessible();
	wg_secret_guard();
	wg_secret_lock(&s, sizeof(s));
	if (wg_secret_random(s.key, sizeof(s.key), err))
		return 1;
	if (!strcmp(call->verb->name, "genkey"))
		wg_curve25519_clamp(s.key);
	wg_key_to_base64(s.line, s.key);
	s.line[WG_KEY_BASE64_LEN] = '\n';
	return write_all(s.line, sizeof(s.line), err) ? 1 : 0;
}
