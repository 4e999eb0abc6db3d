/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "schema/text.h"

static int
hex_digit(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

int
text_parse_mac(const char *text, struct rte_ether_addr *mac)
{
	struct rte_ether_addr m;

	for (int i = 0; i < RTE_ETHER_ADDR_LEN; i++) {
		if (i > 0 && *text++ != ':')
			return -EINVAL;
		if (hex_digit(text[0]) < 0 || hex_digit(text[1]) < 0)
			return -EINVAL;
		m.addr_bytes[i] = hex_digit(text[0]) << 4 | hex_digit(text[1]);
		text += 2;
	}
	if (*text != '\0')
		return -EINVAL;
	*mac = m;
	return 0;
}

char *
text_next_word(char **rest)
{
	char *word = *rest + strspn(*rest, TEXT_SPACES);
	char *end = word + strcspn(word, TEXT_SPACES);

	*rest = *end == '\0' ? end : end + 1;
	*end = '\0';
	return word;
}

int
text_find_word(const char *text, const char *const *words, unsigned int n, const char **near)
{
	*near = NULL;
	for (unsigned int i = 0; i < n; i++) {
		if (strcmp(text, words[i]) == 0)
			return (int)i;
		if (text_is_near(text, strlen(text), words[i]))
			*near = words[i];
	}
	return -EINVAL;
}

bool
text_is_name(const char *text)
{
	size_t length = strlen(text);

	for (const char *c = text; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c) && strchr("_.-", *c) == NULL)
			return false;
	}
	return length >= 1 && length <= SCHEMA_NAME_MAX;
}

static unsigned int
min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Damerau's distance in the restricted form (optimal string alignment), row by row. */
bool
text_is_near(const char *a, size_t a_length, const char *b)
{
	size_t b_length = strlen(b);
	size_t longest = a_length > b_length ? a_length : b_length;
	unsigned int rows[3][SCHEMA_NAME_MAX + 1];
	unsigned int distance;

	if (a_length > SCHEMA_NAME_MAX || b_length > SCHEMA_NAME_MAX)
		return false;
	for (size_t j = 0; j <= b_length; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_length; i++) {
		unsigned int *row = rows[i % 3];
		const unsigned int *above = rows[(i + 2) % 3];
		const unsigned int *over = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_length; j++) {
			row[j] = min3(row[j - 1] + 1, above[j] + 1,
				above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
				over[j - 2] + 1 < row[j])
				row[j] = over[j - 2] + 1;
		}
	}
	distance = rows[a_length % 3][b_length];
	return distance <= 2 && 2 * distance < longest;
}
