/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#ifndef APP_WORDS_H
#define APP_WORDS_H

#include <stdbool.h>

#include <cmdline_parse.h>

#include "vrouter.h"

/*
 * The kinds of words that librte_cmdline has no tokens for: each takes any word, as what it means
 * is the command's to check, and knows what to complete it to. Control thread.
 */

extern struct cmdline_token_ops words_any; /* completed to nothing */
extern struct cmdline_token_ops words_text; /* all that is left; does not begin with "before" */
extern struct cmdline_token_ops words_router;
extern struct cmdline_token_ops words_router_or_all;
extern struct cmdline_token_ops words_port;
extern struct cmdline_token_ops words_interface;
extern struct cmdline_token_ops words_element;  /* of the router that is the line's third word */
extern struct cmdline_token_ops words_link_end; /* ROUTER:INTERFACE, without a port */
extern struct cmdline_token_ops words_of_route; /* as config/route_words.h has them */

/* The words of a route begin behind verb, noun, router and prefix. */
#define WORDS_ROUTE_AT 4

/* Around a completion: what there is, and the line so far, which must live until the end. */
void words_start_completion(struct vrouter *vrouter, const char *line);
void words_end_completion(void);

/* Whether what is to be completed is a word of a route, other than the first of them. */
bool words_end_in_route(void);

#endif
