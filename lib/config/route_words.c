/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "schema/locate.h"
#include "route_words.h"

#define TYPE_EXPECTED "\"via\", \"blackhole\", \"unreachable\" or \"prohibit\""

/* What may follow, and what is said where something else does. */
enum behind {
	BEHIND_GATEWAY,
	BEHIND_WEIGHT,
	BEHIND_TYPE,
	BEHIND_DISTANCE,
	BEHINDS
};

static const struct {
	const char *words[4];
	const char *expected;
} behinds[BEHINDS] = {
	[BEHIND_GATEWAY] = { { "via", "weight", "distance", NULL },
		"\"via\", \"weight\", \"distance\" or the end of the line" },
	[BEHIND_WEIGHT] = { { "via", "distance", NULL },
		"\"via\", \"distance\" or the end of the line" },
	[BEHIND_TYPE] = { { "distance", NULL }, "\"distance\" or the end of the line" },
	[BEHIND_DISTANCE] = { { NULL }, "the end of the line" },
};

/* Always -EINVAL. */
static int __attribute__((format(printf, 3, 4)))
expect(struct route_words_error *error, const char *word, const char *format, ...)
{
	va_list args;

	error->word = word;
	va_start(args, format);
	vsnprintf(error->expected, sizeof(error->expected), format, args);
	va_end(args);
	return -EINVAL;
}

static int
take_type(struct route_words *words, const char *word, struct route_words_error *error)
{
	const char *near;
	int type = text_find_word(word, text_route_types, TEXT_ROUTE_TYPES, &near);

	words->type = (uint8_t)type;
	if (type >= 0)
		return 0;
	if (*word == '\0')
		return expect(
			error, NULL, "found nothing after the prefix, expected " TYPE_EXPECTED);
	if (near == NULL)
		return expect(error, word, TYPE_EXPECTED);
	return expect(error, word, TYPE_EXPECTED " (did you mean \"%s\"?)", near);
}

static int
take_via(struct route_words *words, const char *word, struct route_words_error *error)
{
	struct config_via *via = &words->vias[words->n_vias];
	char expected[TEXT_EXPECTED_SIZE];
	char zone[CONFIG_NAME_MAX + 1];

	if (*word == '\0')
		return expect(
			error, NULL, "found nothing after \"via\", expected %s", TEXT_LIKE_VIA);
	if (words->n_vias == CONFIG_VIAS_MAX)
		return expect(error, word, "%u gateways at most", CONFIG_VIAS_MAX);
	if (text_parse_via(word, &via->address, zone, expected) < 0)
		return expect(error, word, "%s", expected);
	via->weight = CONFIG_VIA_WEIGHT_DEFAULT;
	via->zone = CONFIG_ZONE_NONE;
	words->texts[words->n_vias++] = word;
	return 0;
}

static int
take_number(const char *what, const char *word, unsigned long max, uint16_t *number,
	struct route_words_error *error)
{
	unsigned long value = strtoul(word, NULL, 10); /* ULONG_MAX where it is too large */
	bool digits = *word != '\0' && word[strspn(word, "0123456789")] == '\0';

	*number = (uint16_t)value;
	if (digits && value >= 1 && value <= max)
		return 0;
	if (*word != '\0')
		return expect(error, word, "an integer from 1 to %lu", max);
	return expect(error, NULL, "found nothing after \"%s\", expected an integer from 1 to %lu",
		what, max);
}

/* Which of the words that may follow it is; -1: none of them, "" for the end. */
static int
take_next(enum behind behind, const char *word, struct route_words_error *error)
{
	const char *const *choices = behinds[behind].words;
	const char *near = NULL;
	unsigned int n = 0;
	int i;

	while (choices[n] != NULL)
		n++;
	i = text_find_word(word, choices, n, &near);
	if (i >= 0 || *word == '\0')
		return i;
	if (near != NULL)
		expect(error, word, "%s (did you mean \"%s\"?)", behinds[behind].expected, near);
	else
		expect(error, word, "%s", behinds[behind].expected);
	return -1;
}

/* Takes the value of one of the words that may follow, and tells what may follow that. */
static int
take_option(struct route_words *words, const char *option, char **rest, enum behind *behind,
	struct route_words_error *error)
{
	const char *word = text_next_word(rest);

	if (strcmp(option, "via") == 0) {
		*behind = BEHIND_GATEWAY;
		return take_via(words, word, error);
	}
	if (strcmp(option, "weight") == 0) {
		*behind = BEHIND_WEIGHT;
		return take_number(option, word, CONFIG_VIA_WEIGHT_MAX,
			&words->vias[words->n_vias - 1].weight, error);
	}
	*behind = BEHIND_DISTANCE;
	return take_number(option, word, CONFIG_DISTANCE_MAX, &words->distance, error);
}

int
route_words_parse(struct route_words *words, char *text, struct route_words_error *error)
{
	enum behind behind = BEHIND_TYPE;
	const char *word = text_next_word(&text);
	int rc = take_type(words, word, error);

	words->n_vias = 0;
	words->distance = CONFIG_DISTANCE_DEFAULT;
	if (rc == 0 && words->type == CONFIG_ROUTE_VIA)
		rc = take_option(words, word, &text, &behind, error);
	while (rc == 0 && *(word = text_next_word(&text)) != '\0') {
		int option = take_next(behind, word, error);

		if (option < 0)
			return -EINVAL;
		rc = take_option(words, behinds[behind].words[option], &text, &behind, error);
	}
	return rc;
}

void
route_words_tell(const struct route_words_error *error, FILE *out)
{
	if (error->word != NULL) {
		fputs("found \"", out);
		locate_print_text(error->word, strlen(error->word), out);
		fputs("\", expected ", out);
	}
	fputs(error->expected, out);
}

const char *
route_words_zone(const char *text)
{
	const char *percent = strchr(text, '%');

	return percent == NULL ? "" : percent + 1;
}

/* The next word of a text that stays as it is. */
static size_t
look_at_word(const char **text, const char **word)
{
	size_t length;

	*word = *text + strspn(*text, TEXT_SPACES);
	length = strcspn(*word, TEXT_SPACES);
	*text = *word + length;
	return length;
}

static bool
is_word(const char *word, size_t length, const char *wanted)
{
	return strlen(wanted) == length && memcmp(word, wanted, length) == 0;
}

void
route_words_choices(const char *text, const char *choices[ROUTE_WORDS_CHOICES])
{
	const char *const *next = text_route_types;
	unsigned int n = TEXT_ROUTE_TYPES;
	const char *word;
	size_t length;

	while ((length = look_at_word(&text, &word)) > 0) {
		enum behind behind = BEHIND_TYPE;
		bool takes_value = true;

		if (is_word(word, length, "via"))
			behind = BEHIND_GATEWAY;
		else if (is_word(word, length, "weight"))
			behind = BEHIND_WEIGHT;
		else if (is_word(word, length, "distance"))
			behind = BEHIND_DISTANCE;
		else
			takes_value = false;
		next = behinds[behind].words;
		for (n = 0; next[n] != NULL; n++)
			;
		if (takes_value && look_at_word(&text, &word) == 0)
			n = 0;
	}
	memcpy(choices, next, n * sizeof(*choices));
	choices[n] = NULL;
}
