/* SPDX-License-Identifier: GPL-2.0 */
/* Curve25519 as the core sees it here: counted, and where `curve_toy` is set replaced by a group
 * that is good for nothing but speed (the linker's --wrap puts this in between). */
#ifndef SIM_CURVE_H
#define SIM_CURVE_H

#include "../../src/port.h"

extern u32 curve_count;
extern bool curve_toy;

#endif
