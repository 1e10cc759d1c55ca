// SPDX-License-Identifier: GPL-2.0
/* Until main.c is there: what every module has. */
#include <linux/module.h>

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("placeholder");
