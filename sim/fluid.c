/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include "fluid.h"

#define HALVINGS 60

static double
less(double a, double b)
{
	return a < b ? a : b;
}

static double
more(double a, double b)
{
	return a > b ? a : b;
}

static double
at_level(const struct fluid_share *share, double level)
{
	return less(share->demand, more(share->reserve, share->weight * level));
}

static double
sum(const struct fluid_share *shares, unsigned int n, double level)
{
	double all = 0;

	for (unsigned int i = 0; i < n; i++)
		all += at_level(&shares[i], level);
	return all;
}

void
fluid_fill(struct fluid_share *shares, unsigned int n, double capacity)
{
	double low = 0, high = 0;

	for (unsigned int i = 0; i < n; i++)
		high = more(high, less(shares[i].demand, capacity) / shares[i].weight);
	if (sum(shares, n, high) > capacity) {
		for (unsigned int i = 0; i < HALVINGS && high - low > high * 1e-12; i++) {
			double middle = (low + high) / 2;

			if (sum(shares, n, middle) > capacity)
				high = middle;
			else
				low = middle;
		}
	} else {
		low = high;
	}
	for (unsigned int i = 0; i < n; i++)
		shares[i].received = at_level(&shares[i], low);
}

static double
demand(const struct fluid_router *router, double packets, double cycles)
{
	double most = router->limit * cycles;

	if (router->always)
		return most;
	return less(most, packets * router->cycles);
}

void
fluid_step(struct fluid_router *routers, struct fluid_share *shares, unsigned int n,
	const double *arrived, double cycles)
{
	for (unsigned int i = 0; i < n; i++) {
		struct fluid_router *router = &routers[i];
		double before = arrived[i] * router->before;

		router->waiting += arrived[i];
		shares[i] = (struct fluid_share){
			.weight = router->weight,
			.demand = before + demand(router, router->waiting, cycles),
			.reserve = more(before, router->reserve * cycles),
		};
	}
	fluid_fill(shares, n, cycles);
	for (unsigned int i = 0; i < n; i++) {
		struct fluid_router *router = &routers[i];
		double run = shares[i].received - arrived[i] * router->before;

		router->received = shares[i].received;
		router->waiting =
			less(router->room, router->waiting - more(0, run) / router->cycles);
		router->waiting = more(0, router->waiting);
	}
}
