// SPDX-License-Identifier: GPL-2.0
#include "directed.h"
#include "host.h"
#include "packet.h"
const struct directed directed[] = {{0}};
