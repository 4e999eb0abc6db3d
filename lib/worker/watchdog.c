/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright (c) 2026 The dpdk-vrouter authors
 */

#include <linux/membarrier.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_pause.h>

#include "worker/watchdog.h"

#define SECOND UINT64_C(1000000000) /* ns */
#define MILLISECOND UINT64_C(1000000)
/* What counts of the time between two visits, at most. */
#define VISIT_MAX (50 * MILLISECOND)

static int
membarrier(int command)
{
	return (int)syscall(__NR_membarrier, command, 0, 0);
}

bool
watchdog_register(void)
{
	return membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0;
}

void
watchdog_init(struct watchdog *dog, uint64_t hz, uint32_t soft, uint32_t hard, bool fence)
{
	*dog = (struct watchdog){ .soft = soft == 0 ? UINT64_MAX : soft * hz / MS_PER_S,
		.soft_ns = soft * MILLISECOND,
		.hz = hz,
		.hard = hard * MILLISECOND,
		.fence = fence };
}

void
watchdog_begin(struct watchdog *dog)
{
	dog->has_clock = pthread_getcpuclockid(pthread_self(), &dog->clock) == 0;
}

static uint64_t
to_ns(uint64_t cycles, uint64_t hz)
{
	return cycles / hz * SECOND + cycles % hz * SECOND / hz;
}

/* A system without such clocks has the time of all instead. */
static uint64_t
cpu_clock(const struct watchdog *dog)
{
	struct timespec now;

	if (!dog->has_clock || clock_gettime(dog->clock, &now) != 0)
		return to_ns(rte_rdtsc(), dog->hz);
	return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

enum watchdog_verdict
watchdog_wait(const struct watchdog *dog)
{
	enum watchdog_verdict verdict;

	while ((verdict = __atomic_load_n(&dog->verdict, __ATOMIC_ACQUIRE)) == WATCHDOG_PENDING)
		rte_pause();
	return verdict;
}

uint64_t
watchdog_cpu_since(const struct watchdog_sample samples[WATCHDOG_SAMPLES], uint64_t since,
	uint64_t hz, uint64_t cpu)
{
	uint64_t most = 0;

	for (unsigned int i = 0; i < WATCHDOG_SAMPLES; i++) {
		const struct watchdog_sample *sample = &samples[i];
		uint64_t had = cpu > sample->cpu ? cpu - sample->cpu : 0;
		uint64_t before = since > sample->tsc ? to_ns(since - sample->tsc, hz) : 0;

		if (sample->tsc != 0 && had > before)
			most = RTE_MAX(most, had - before);
	}
	return most;
}

static void
read_samples(const struct watchdog *dog, struct watchdog_sample samples[WATCHDOG_SAMPLES])
{
	uint32_t version;

	do {
		version = __atomic_load_n(&dog->version, __ATOMIC_ACQUIRE);
		for (unsigned int i = 0; i < WATCHDOG_SAMPLES; i++) {
			samples[i].tsc = __atomic_load_n(&dog->samples[i].tsc, __ATOMIC_RELAXED);
			samples[i].cpu = __atomic_load_n(&dog->samples[i].cpu, __ATOMIC_RELAXED);
		}
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((version & 1) || version != __atomic_load_n(&dog->version, __ATOMIC_RELAXED));
}

uint64_t
watchdog_turn_cpu(const struct watchdog *dog)
{
	struct watchdog_sample samples[WATCHDOG_SAMPLES];

	read_samples(dog, samples);
	return watchdog_cpu_since(samples, dog->since, dog->hz, cpu_clock(dog));
}

static void
write_sample(struct watchdog *dog, const struct watchdog_sample *sample)
{
	__atomic_store_n(&dog->version, dog->version + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	__atomic_store_n(&dog->samples[0].tsc, dog->samples[1].tsc, __ATOMIC_RELAXED);
	__atomic_store_n(&dog->samples[0].cpu, dog->samples[1].cpu, __ATOMIC_RELAXED);
	__atomic_store_n(&dog->samples[1].tsc, sample->tsc, __ATOMIC_RELAXED);
	__atomic_store_n(&dog->samples[1].cpu, sample->cpu, __ATOMIC_RELAXED);
	__atomic_store_n(&dog->version, dog->version + 1, __ATOMIC_RELEASE);
}

bool
watchdog_visit(struct watchdog *dog)
{
	bool inside = watchdog_is_inside(dog);
	uint64_t since = __atomic_load_n(&dog->since, __ATOMIC_RELAXED);
	struct watchdog_sample sample = { .tsc = rte_rdtsc() };
	uint64_t passed;

	sample.cpu = cpu_clock(dog);
	passed = sample.cpu - dog->latest_cpu;
	dog->latest_cpu = sample.cpu;
	if (!inside || since != dog->turn)
		write_sample(dog, &sample);
	if (since != dog->turn) {
		dog->turn = since;
		dog->spent = 0;
		return false;
	}
	if (inside)
		dog->spent += RTE_MIN(passed, VISIT_MAX);
	return inside && dog->hard != 0 && dog->spent > dog->hard;
}

bool
watchdog_take(struct watchdog *dog)
{
	uint64_t sequence = __atomic_load_n(&dog->sequence, __ATOMIC_ACQUIRE);
	uint64_t since = __atomic_load_n(&dog->since, __ATOMIC_RELAXED);
	bool taken;

	if (!(sequence & 1) || since != dog->turn)
		return false;
	__atomic_store_n(&dog->verdict, WATCHDOG_PENDING, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	/* It was there when it was registered, and cannot go. */
	if (!dog->fence)
		membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
	taken = __atomic_load_n(&dog->sequence, __ATOMIC_ACQUIRE) == sequence;
	__atomic_store_n(&dog->verdict, taken ? WATCHDOG_TAKEN : WATCHDOG_NONE, __ATOMIC_RELEASE);
	return taken;
}

void
watchdog_release(struct watchdog *dog)
{
	__atomic_store_n(&dog->verdict, WATCHDOG_NONE, __ATOMIC_RELEASE);
}
