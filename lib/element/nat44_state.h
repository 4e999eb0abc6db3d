/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef ELEMENT_NAT44_STATE_H
#define ELEMENT_NAT44_STATE_H

#include "element/nat44.h"

/*
 * The state for this config: that of `params->previous` where it fits, that is where addresses and
 * ports are the same, no more sessions are wanted and nothing is limited or filtered that was not
 * counted; else a new one. NULL with the reason. Control thread.
 */
struct nat44_state *nat44_state_get(struct element_params *params, char error[ELEMENT_ERROR_SIZE]);

/* Gives it back; the last one frees it. Control thread. */
void nat44_state_put(struct nat44_state *state);

/*
 * Puts the element's port forwards in force in place of those there are. Sessions that have their
 * endpoints end. Worker, or the control thread when there is none yet.
 */
void nat44_state_adopt(struct nat44 *nat);

#endif
