/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_TAKEN_H
#define CONFIG_TAKEN_H

#include <stddef.h>
#include <stdint.h>

/* Who has taken what first: keys of one size, each with its owner, in a hash table. */

#define TAKEN_BY_NOBODY UINT32_MAX

struct taken {
	uint32_t *owners;
	unsigned char *keys;
	size_t key_size;
	size_t mask;
};

/* Room for n keys of key_size bytes. 0 or -ENOMEM, with nothing to free. */
int taken_init(struct taken *taken, size_t n, size_t key_size);
void taken_free(struct taken *taken);

/* The owner of a key, or TAKEN_BY_NOBODY. */
uint32_t taken_find(const struct taken *taken, const void *key);

/* TAKEN_BY_NOBODY: the key is `owner`'s from now on; else it remains with the one returned. */
uint32_t taken_claim(struct taken *taken, const void *key, uint32_t owner);

#endif
