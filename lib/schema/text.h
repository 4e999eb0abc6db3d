/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef SCHEMA_TEXT_H
#define SCHEMA_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <rte_ether.h>

/* Words and names, and what may be a slip for what. */

#define SCHEMA_NAME_MAX 31 /* characters of a name of anything */
#define TEXT_SPACES " \t\r"

/*
 * The next word, terminated, which takes the character behind it; "" at the end. Moves *rest behind
 * it. Words are apart by TEXT_SPACES.
 */
char *text_next_word(char **rest);

/*
 * The index of the one of `words` that the text is, or -EINVAL; *near is then the one that it may
 * be a slip for, or NULL.
 */
int text_find_word(const char *text, const char *const *words, unsigned int n, const char **near);

/* 1 to SCHEMA_NAME_MAX characters of [A-Za-z0-9_.-]. */
bool text_is_name(const char *text);

/*
 * True where a and b differ by so little that one may be a slip for the other: two edits at most
 * (a character added, missing, changed, or two swapped), and fewer than half the characters.
 */
bool text_is_near(const char *a, size_t a_length, const char *b);

/* Six octets in hexadecimal, with colons. 0 or -EINVAL. */
int text_parse_mac(const char *text, struct rte_ether_addr *mac);

#endif
