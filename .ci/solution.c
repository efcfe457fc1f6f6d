/*
 * A plain solution of the lab. A macro makes it another right one, or gives it one
 * fault; .ci/judge lists them, and what test_alloc1.c must say of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "alloc.h"

#ifndef CAPACITY
#define CAPACITY 4096
#endif
#ifndef START
#define START 0 /* of the first chunk */
#endif
#ifndef MOST
#define MOST 1024
#endif

#ifndef GLOBALS /* they are in alloc.h then */
static char *page;
static int count;
#endif
static struct {
	int offset, size, used;
} chunks[MOST + 1];
static int last; /* for next fit */

int init(void)
{
#ifdef INIT_FAILS
	return 1;
#endif
#ifdef MALLOC_PAGE
	page = malloc(4096);
#elif defined STATIC_PAGE
	static _Alignas(4096) char memory[4096];
	page = memory;
#elif defined SHARED
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
#else
	page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(page + 4096, 4096); /* what is past the page is not there */
#endif
#ifdef STALE
	if (count > 0)
		return 0;
#endif
	count = 1;
	chunks[0].offset = START;
	chunks[0].size = CAPACITY - START;
	chunks[0].used = 0;
	return 0;
}

int cleanup(void)
{
#ifdef REFUSES_CLEANUP
	for (int i = 0; i < count; i++)
		if (chunks[i].used)
			return -1;
#endif
#ifdef KEEPS_USED_PAGE
	for (int i = 0; i < count; i++)
		if (chunks[i].used)
			return 0;
#endif
#ifdef PRINTS
	printf("cleanup\n99 passed, 0 failed\n");
#endif
#ifdef MALLOC_PAGE
	free(page);
#elif !defined NO_MUNMAP && !defined STATIC_PAGE
	munmap(page, 4096);
#endif
#ifdef CLEANUP_FAILS
	return -1;
#endif
	return 0;
}

/* The index of a free chunk of `size` bytes or more, or -1. */
static int pick(int size)
{
	int found = -1;

	for (int step = 0; step < count; step++) {
#ifdef NEXT_FIT
		int i = (last + step) % count;
#else
		int i = step;
#endif
		if (chunks[i].used)
			continue;
#ifdef FIRST_ONLY
		return chunks[i].size >= size ? i : -1;
#endif
#ifdef EXACT_IN_MIDDLE
		if (chunks[i].size != size && chunks[i].offset + chunks[i].size != 4096)
			continue;
#endif
		if (chunks[i].size < size)
			continue;
#ifdef BEST_FIT
		if (found < 0 || chunks[i].size < chunks[found].size)
			found = i;
#elif defined WORST_FIT
		if (found < 0 || chunks[i].size > chunks[found].size)
			found = i;
#elif defined FROM_TOP
		found = i;
#else
		return last = i;
#endif
	}
	return found;
}

static void insert(int at, int offset, int size)
{
	memmove(&chunks[at + 1], &chunks[at], (size_t)(count++ - at) * sizeof chunks[0]);
	chunks[at].offset = offset;
	chunks[at].size = size;
	chunks[at].used = 0;
}

static void delete(int at)
{
	memmove(&chunks[at], &chunks[at + 1], (size_t)(--count - at) * sizeof chunks[0]);
}

char *alloc(int size)
{
	int i, rest;

#ifdef PRINTS
	printf("alloc(%d) ", size);
#endif
#ifdef AT_12
	if (size == 12)
		AT_12;
#endif
#ifdef MALLOC
	return size % 8 == 0 ? malloc((size_t)size) : NULL;
#endif
#ifdef ROUNDS_UP
	size = (size + 7) / 8 * 8;
#endif
#ifdef ACCEPTS_10
	if (size == 10)
		size = 16;
#endif
#ifdef ACCEPTS_0
	if (size == 0)
		return page;
#endif
#ifndef ACCEPTS_NEGATIVE
	if (size <= 0)
		return NULL;
#endif
	if (size % 8 != 0)
		return NULL;
#ifdef CHUNK_HEADERS
	size += 8;
#endif
	i = pick(size);
#ifdef PAST_THE_END
	if (i < 0 && size == 8)
		return page + 4096;
#endif
#ifdef SERVES_65544
	if (size == 65544)
		return page;
#endif
	if (i < 0 || count == MOST)
		return NULL;
	rest = chunks[i].size - size;
#ifdef OVERLAPS
	rest += 8;
#endif
#ifdef NO_SPLITTING
	rest = 0;
#endif
	if (rest > 0) {
		chunks[i].size -= rest;
#ifdef FROM_TOP
		insert(i, chunks[i].offset, rest);
		chunks[++i].offset += rest;
#else
		insert(i + 1, chunks[i].offset + chunks[i].size, rest);
#ifdef LOSES_LEFTOVER
		chunks[i + 1].used = 1;
#elif defined LOSES_IN_MIDDLE
		chunks[i + 1].used = chunks[i + 1].offset + rest != 4096;
#endif
#endif
	}
	chunks[i].used = 1;
#ifdef DOUBLE_BOOKING
	chunks[i].used = 0;
#endif
#ifdef WRITES_PAST
	if (chunks[i].offset + size < 4096)
		page[chunks[i].offset + size] = 0;
#endif
#ifdef CHUNK_HEADERS
	return page + chunks[i].offset + 8;
#endif
#ifdef SHIFTED
	return page + chunks[i].offset + 8;
#endif
	return page + chunks[i].offset;
}

void dealloc(char *chunk)
{
	int i = 0;

#ifdef DEALLOC_CRASHES
	*(volatile int *)0 = 0;
#endif
#ifdef NEVER_REUSES
	return;
#endif
#ifdef MALLOC
	free(chunk);
	return;
#endif
#if defined CHUNK_HEADERS || defined SHIFTED
	chunk -= 8;
#endif
	while (chunk != page + chunks[i].offset)
		i++;
#ifdef FREES_8
	if (chunks[i].size > 8) {
		insert(i + 1, chunks[i].offset + 8, chunks[i].size - 8);
		chunks[i + 1].used = 1;
		chunks[i].size = 8;
	}
#endif
	chunks[i].used = 0;
#ifdef FREES_NEXT
	if (i + 1 < count)
		chunks[i + 1].used = 0;
#endif
#ifdef COALESCES
	if (i + 1 < count && !chunks[i + 1].used) {
#ifndef LOSES_RIGHT
		chunks[i].size += chunks[i + 1].size;
#endif
		delete(i + 1);
	}
	if (i > 0 && !chunks[i - 1].used) {
		chunks[i - 1].size += chunks[i].size;
		delete(i);
	}
#endif
}
