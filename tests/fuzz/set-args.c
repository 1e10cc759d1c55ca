// SPDX-License-Identifier: GPL-2.0
/* The arguments of `wg set`, one a line. */
#include <stdlib.h>
#include "../../src/lib/command/set-args.h"

#define ARGS_MAX 64

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct wg_device *dev = wg_device_new();
	struct wg_resolve resolve = {0};
	struct set_args args = {.dev = dev, .resolve = &resolve};
	struct wg_error err = {0};
	char *text = malloc(size + 1), *argv[ARGS_MAX], *save = text, *word;
	int argc = 0;

	memcpy(text, data, size);
	text[size] = '\0';
	while (argc < ARGS_MAX && (word = strsep(&save, "\n")))
		argv[argc++] = word;
	if (set_args_parse(&args, argc, argv, &err) && strncmp(err.text, "Invalid ", 8))
		abort();
	free(text);
	wg_resolve_wipe(&resolve);
	wg_device_free(dev);
	return 0;
}
