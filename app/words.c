/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <ctype.h>
#include <string.h>

#include <cmdline_parse_string.h>
#include <rte_string_fns.h>

#include "config/route_words.h"
#include "router_links.h"
#include "vrf/pipeline.h"
#include "words.h"

#define LINE_SIZE 4096 /* more than the line editor takes */

/* cmdline's callbacks carry no context of ours; all run on the control thread, one at a time. */
static struct vrouter *completing;
static const char *completing_line = "";

void
words_start_completion(struct vrouter *vrouter, const char *line)
{
	completing = vrouter;
	completing_line = line;
}

void
words_end_completion(void)
{
	completing = NULL;
	completing_line = "";
}

static int
word_length(const char *text)
{
	int length = 0;

	while (!cmdline_isendoftoken(text[length]))
		length++;
	return length;
}

static int
parse_word(cmdline_parse_token_hdr_t *token, const char *text, void *result, unsigned int size)
{
	int length = word_length(text);

	(void)token;
	if (length == 0 || length >= STR_TOKEN_SIZE || (result != NULL && size < STR_TOKEN_SIZE))
		return -1;
	if (result != NULL) {
		memcpy(result, text, (size_t)length);
		((char *)result)[length] = '\0';
	}
	return length;
}

/* The rest of the line, unless it begins with "before", which is another command's. */
static int
parse_text(cmdline_parse_token_hdr_t *token, const char *text, void *result, unsigned int size)
{
	size_t length = strcspn(text, "\r\n");

	(void)token;
	if (length == 0 || length >= STR_MULTI_TOKEN_SIZE ||
		(result != NULL && size < STR_MULTI_TOKEN_SIZE))
		return -1;
	if (word_length(text) == (int)strlen("before") && strncmp(text, "before", 6) == 0)
		return -1;
	if (result != NULL) {
		memcpy(result, text, length);
		((char *)result)[length] = '\0';
	}
	return (int)length;
}

static int
count_nothing(cmdline_parse_token_hdr_t *token)
{
	(void)token;
	return 0;
}

static int
complete_nothing(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	(void)token;
	(void)index;
	(void)text;
	(void)size;
	return -1;
}

static int
count_routers(cmdline_parse_token_hdr_t *token)
{
	struct router *router;
	int n = 0;

	(void)token;
	TAILQ_FOREACH(router, &completing->routers, link)
		n++;
	return n;
}

static int
complete_router(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	struct router *router;

	(void)token;
	TAILQ_FOREACH(router, &completing->routers, link)
		if (index-- == 0)
			return strlcpy(text, router->name, size) < size ? 0 : -1;
	return -1;
}

static int
count_routers_and_all(cmdline_parse_token_hdr_t *token)
{
	return count_routers(token) + 1;
}

static int
complete_router_or_all(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	if (index == 0)
		return strlcpy(text, "all", size) < size ? 0 : -1;
	return complete_router(token, index - 1, text, size);
}

static int
count_ports(cmdline_parse_token_hdr_t *token)
{
	(void)token;
	return (int)completing->n_ports + 1;
}

static int
complete_port(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	const char *name = index == 0 ? "all" : completing->ports[index - 1].name;

	(void)token;
	return strlcpy(text, name, size) < size ? 0 : -1;
}

/* The n-th word of the line that is completed; "" if that is not yet behind it. */
static void
word_of_line(unsigned int n, char word[STR_TOKEN_SIZE])
{
	const char *at = completing_line;

	do {
		int length;

		at += strspn(at, " \t");
		length = word_length(at);
		snprintf(word, STR_TOKEN_SIZE, "%.*s", at[length] == '\0' ? 0 : length, at);
		at += length;
	} while (n-- > 0);
}

/* Of the router that the line names. */
static const struct vr *
router_of_line(void)
{
	char name[STR_TOKEN_SIZE];
	struct router *router;

	word_of_line(2, name);
	router = vrouter_find(completing, name);
	return router == NULL ? NULL : router->vr;
}

static int
count_interfaces(cmdline_parse_token_hdr_t *token)
{
	const struct vr *vr = router_of_line();

	(void)token;
	return vr == NULL ? 0 : vr->n_interfaces;
}

static int
complete_interface(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	const struct vr *vr = router_of_line();

	(void)token;
	if (vr == NULL || index >= vr->n_interfaces)
		return -1;
	return strlcpy(text, vr->interfaces[index].name, size) < size ? 0 : -1;
}

/* The index-th interface without a port, of all routers; its router, or NULL. */
static const struct router *
find_link_end(int index, const struct vr_interface **interface)
{
	const struct router *router;

	TAILQ_FOREACH(router, &completing->routers, link) {
		for (uint16_t i = 0; i < router->vr->n_interfaces; i++) {
			*interface = &router->vr->interfaces[i];
			if (router_links_is_end(completing, *interface) && index-- == 0)
				return router;
		}
	}
	return NULL;
}

static int
count_link_ends(cmdline_parse_token_hdr_t *token)
{
	const struct router *router;
	int n = 0;

	(void)token;
	TAILQ_FOREACH(router, &completing->routers, link)
		for (uint16_t i = 0; i < router->vr->n_interfaces; i++)
			n += router_links_is_end(completing, &router->vr->interfaces[i]);
	return n;
}

static int
complete_link_end(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	const struct vr_interface *interface;
	const struct router *router = find_link_end(index, &interface);
	int length;

	(void)token;
	if (router == NULL)
		return -1;
	length = snprintf(text, size, "%s:%s", router->name, interface->name);
	return length < (int)size ? 0 : -1;
}

static int
count_elements(cmdline_parse_token_hdr_t *token)
{
	const struct vr *vr = router_of_line();

	(void)token;
	return vr == NULL || vr->pipeline == NULL ? 0 : (int)vr->pipeline->n_elements;
}

static int
complete_element(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	const struct vr *vr = router_of_line();

	if (index >= count_elements(token))
		return -1;
	return strlcpy(text, vr->pipeline->elements[index]->name, size) < size ? 0 : -1;
}

/* What may stand where the line of `add route` or `set route` ends. */
static unsigned int
route_choices(const char *choices[ROUTE_WORDS_CHOICES])
{
	char line[LINE_SIZE];
	char *said = line;
	unsigned int n = 0;

	snprintf(line, sizeof(line), "%s", completing_line);
	/* The last word is the one that is completed. */
	for (size_t end = strlen(line); end > 0 && !isblank((unsigned char)line[end - 1]); end--)
		line[end - 1] = '\0';
	for (unsigned int i = 0; i < WORDS_ROUTE_AT; i++) {
		said += strspn(said, " \t");
		said += word_length(said);
	}
	route_words_choices(said, choices);
	while (choices[n] != NULL)
		n++;
	return n;
}

static int
count_route_words(cmdline_parse_token_hdr_t *token)
{
	const char *choices[ROUTE_WORDS_CHOICES];

	(void)token;
	return (int)route_choices(choices);
}

static int
complete_route_word(cmdline_parse_token_hdr_t *token, int index, char *text, unsigned int size)
{
	const char *choices[ROUTE_WORDS_CHOICES];

	(void)token;
	if (index < 0 || (unsigned int)index >= route_choices(choices))
		return -1;
	return strlcpy(text, choices[index], size) < size ? 0 : -1;
}

static int
help_word(cmdline_parse_token_hdr_t *token, char *text, unsigned int size)
{
	(void)token;
	strlcpy(text, "a word", size);
	return 0;
}

struct cmdline_token_ops words_any = { parse_word, count_nothing, complete_nothing, help_word };
struct cmdline_token_ops words_text = { parse_text, count_nothing, complete_nothing, help_word };
struct cmdline_token_ops words_router = { parse_word, count_routers, complete_router, help_word };
struct cmdline_token_ops words_router_or_all = { parse_word, count_routers_and_all,
	complete_router_or_all, help_word };
struct cmdline_token_ops words_interface = { parse_word, count_interfaces, complete_interface,
	help_word };
struct cmdline_token_ops words_element = { parse_word, count_elements, complete_element,
	help_word };
struct cmdline_token_ops words_of_route = { parse_word, count_route_words, complete_route_word,
	help_word };
struct cmdline_token_ops words_link_end = { parse_word, count_link_ends, complete_link_end,
	help_word };
struct cmdline_token_ops words_port = { parse_word, count_ports, complete_port, help_word };

bool
words_end_in_route(void)
{
	char words[WORDS_ROUTE_AT + 1][STR_TOKEN_SIZE];

	for (unsigned int i = 0; i <= WORDS_ROUTE_AT; i++)
		word_of_line(i, words[i]);
	return words[WORDS_ROUTE_AT][0] != '\0' && strcmp(words[1], "route") == 0 &&
	       (strcmp(words[0], "add") == 0 || strcmp(words[0], "set") == 0);
}
