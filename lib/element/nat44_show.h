/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_SHOW_H
#define ELEMENT_NAT44_SHOW_H

#include "element/nat44.h"

/* The element type's show and show_rows. */
json_t *nat44_show(const struct element *element);
json_t *nat44_show_rows(const struct element *element, unsigned int limit);

#endif
