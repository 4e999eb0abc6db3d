/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef DATAPLANE_TRAP_H
#define DATAPLANE_TRAP_H

/*
 * An element of the type "trap", which packets pass unchanged, but for what the test does
 * meanwhile: custom code that takes too long, or does not come back while others go on.
 */

/* Called for the next burst that passes a trap, once. NULL: nothing is. */
extern void (*trap_hook)(void);

/* Uses up so much of the CPU, whatever else the machine does. */
void trap_spin(unsigned int ms);

#endif
