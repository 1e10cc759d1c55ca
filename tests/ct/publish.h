/* SPDX-License-Identifier: GPL-2.0 */
/* Included before everything: what ct.h declassifies is no secret any more. */
#include <valgrind/memcheck.h>

#define WG_CT_PUBLISH(v) ((void)VALGRIND_MAKE_MEM_DEFINED(&(v), sizeof(v)))
