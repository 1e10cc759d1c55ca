// SPDX-License-Identifier: GPL-2.0
#include "candidates.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "../base/printable.h"

#define SHOWN_MAX 256 /* bytes of a description */

static void close_standard_error(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	dup2(fd, STDERR_FILENO);
	close(fd);
}

bool wg_completion_read(struct wg_completion *c, int argc, char **argv)
{
	char *end;
	long at;

	close_standard_error();
	if (argc < 2)
		return false;
	errno = 0;
	at = strtol(argv[0], &end, 10);
	if (errno || *end || end == argv[0] || at < 1 || at > argc - 2)
		return false;
	*c = (struct wg_completion){.at = (unsigned int)at, .words = argv + 1};
	return true;
}

/* A line end or an escape sequence in the name of an interface must not reach the terminal. */
static bool is_plain(const char *word)
{
	char copy[SHOWN_MAX];

	return strlen(word) < sizeof(copy) && !strcmp(wg_printable(copy, sizeof(copy), word), word);
}

void wg_offer_after(const char *prefix, const char *word, const char *description)
{
	char shown[SHOWN_MAX];

	if (!*word || word[0] == ':' || prefix[0] == ':' || !is_plain(prefix) || !is_plain(word))
		return;
	printf("%s%s", prefix, word);
	if (description && *description) {
		snprintf(shown, sizeof(shown), "%.*s", (int)strcspn(description, "\n"), description);
		printf("\t%s", shown);
	}
	putchar('\n');
}

void wg_offer(const char *word, const char *description)
{
	wg_offer_after("", word, description);
}

void wg_offer_files(const char *suffix)
{
	printf(":file%s%s\n", suffix ? " " : "", suffix ? suffix : "");
}

void wg_offer_command(unsigned int index)
{
	printf(":command %u\n", index);
}
