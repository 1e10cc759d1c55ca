/* SPDX-License-Identifier: GPL-2.0 */
/* What the tools of lint.sh cannot know. Put before every file but, for clang-tidy, error.c and
 * conf-code.c. */
#ifdef __clang_analyzer__
/* It looks at one file at a time: these return -1. */
#include "../src/lib/conf/conf-code.h"
#define wg_error_set(...)    (wg_error_set(__VA_ARGS__), -1)
#define wg_error_errno(...)  (wg_error_errno(__VA_ARGS__), -1)
#define wg_conf_wrong(...)   (wg_conf_wrong(__VA_ARGS__), -1)
#define wg_error_prefix(...) (wg_error_prefix(__VA_ARGS__), -1)
#endif

#ifdef __cppcheck__
/* It does not read the system's headers. */
#define mnl_attr_for_each(attr, nlh, offset) \
	for ((attr) = (const void *)(nlh); (attr); (attr) = NULL)
#define mnl_attr_for_each_nested(attr, nest) \
	for ((attr) = (const void *)(nest); (attr); (attr) = NULL)
#endif
