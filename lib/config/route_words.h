/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef CONFIG_ROUTE_WORDS_H
#define CONFIG_ROUTE_WORDS_H

#include <stdio.h>

#include "config.h"
#include "text.h"

/*
 * A static route in words, as files of routes have it behind the prefix, and the console too:
 *
 *	via ADDRESS [weight N] [via ADDRESS [weight N]]... [distance N]
 *	blackhole|unreachable|prohibit [distance N]
 *
 * Interfaces stay names here ("fe80::2%lan"): whose they are is not known.
 */

struct route_words {
	uint8_t type;      /* enum config_route_type */
	uint8_t n_vias;    /* 1 .. CONFIG_VIAS_MAX of CONFIG_ROUTE_VIA, else 0 */
	uint16_t distance; /* CONFIG_DISTANCE_DEFAULT if nothing is said */
	struct config_via vias[CONFIG_VIAS_MAX]; /* their zones are CONFIG_ZONE_NONE */
	const char *texts[CONFIG_VIAS_MAX];      /* their words, in the text that was parsed */
};

/* What is wrong: found "WORD", expected ...; or, without a word, `expected` says what was found. */
struct route_words_error {
	const char *word; /* in the text that was parsed */
	char expected[TEXT_EXPECTED_SIZE];
};

/* Takes the text apart. 0; or -EINVAL, with the first that is wrong in `error`. */
int route_words_parse(struct route_words *words, char *text, struct route_words_error *error);

/* found "WORD", expected ...: what comes from the text is made harmless. */
void route_words_tell(const struct route_words_error *error, FILE *out);

/* The interface that a via's word names (RFC 4007 11.2); "": none. */
const char *route_words_zone(const char *text);

/*
 * Words that may stand next behind these, for completion; NULL ends them. Where that is a value
 * there are none. The text is not changed.
 */
#define ROUTE_WORDS_CHOICES 5
void route_words_choices(const char *text, const char *choices[ROUTE_WORDS_CHOICES]);

#endif
