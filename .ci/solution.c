/*
 * A solution of the lab in many variants. The chunks are in an array, ordered by address. Each FAULT is wrong; its
 * comment names the first test that fails, how many lines explain that at most, part of the last line, and the fault.
 * Each RIGHT is correct: 0 to 7 place chunks as the enum says; 8 to 15 do so without coalescing; 16 coalesces only
 * with the chunk before; 17 maps two pages, and 18 always the same one; 19 does not clean up while a chunk is in use;
 * 20 prints; 21 returns a pointer for 0, -8, ...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "alloc.h"

enum { FIRST, BEST, WORST, LAST, NEXT, FROM_TOP, FROM_MIDDLE, TWO_ENDED };
enum { FIT = RIGHT < 16 ? RIGHT % 8 : FIRST, COALESCES = (RIGHT < 8 || RIGHT > 16) && FAULT != 41 };
static char *page;
static struct { int offset, size, used, freed; } chunks[5000]; /* freed: was in use before */
static int count, next, lives, splits;

int init(void)
{
	if (FAULT == 1) return 1; /* fails 1 in 1 lines, returned 1: init() fails */
	if (FAULT == 2) abort(); /* fails 1 in 1 lines, crashes (Aborted): init() crashes */
	if (FAULT == 3 && dup(STDOUT_FILENO) < 0) return 1; /* fails 17 in 13 lines, Too many open files: leaves files open */
	void *place = RIGHT == 18 ? (void *)0x20000000 : NULL;
	page = mmap(place, RIGHT == 17 ? 8192 : 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (FAULT == 4) page = malloc(4096); /* fails 1 in 2 lines, returned 1, although no chunk: the page is from malloc() */
	if (FAULT == 5 && page == MAP_FAILED) return 0; /* fails 18 in 3 lines, returned 0: takes MAP_FAILED for a page */
	if (page == MAP_FAILED || (RIGHT == 18 && page != place)) { perror("mmap"); return 1; }
	lives++;
	if (FAULT == 6 && lives > 1) return 0; /* fails 13 in 6 lines, NULL: records survive cleanup() */
	if (FAULT == 35 && lives == 4) return 1; /* fails 13 in 7 lines, init() returned 1: the fourth page fails */
	memset(chunks, 0, FAULT != 7 || lives == 1 ? sizeof chunks : 1000);
	if (FAULT != 7 || lives == 1) count = 1; /* FAULT == 7 fails 15 in 13 lines, overlaps: clears too little */
	chunks[next = 0].size = 4096;
	return 0;
}

int cleanup(void)
{
	for (int i = 0; i < count; i++) {
		if (RIGHT == 19 && chunks[i].used) return -1;
	}
	if (FAULT == 10) return 0; /* fails 12 in 3 lines, still there: does not call munmap() */
	if (FAULT == 43) return munmap(page, 8192); /* fails 12 in 3 lines, unmapped more: two pages */
	if (munmap(page, RIGHT == 17 ? 8192 : 4096) != 0) return 1;
	if (FAULT == 11) return -1; /* fails 1 in 2 lines, returned -1, although no chunk: reports a failure */
	return 0;
}

static void split(int i, int size)
{
	memmove(&chunks[i + 1], &chunks[i], (size_t)(count++ - i) * sizeof chunks[0]);
	chunks[i].size = size;
	chunks[i + 1].offset += size;
	chunks[i + 1].size -= size;
}

static void merge(int i)
{
	chunks[i].size += chunks[i + 1].size;
	memmove(&chunks[i + 1], &chunks[i + 2], (size_t)(--count - i - 1) * sizeof chunks[0]);
}

static int is_zero(int i)
{
	const char *start = page + chunks[i].offset;
	return *start == 0 && memcmp(start, start + 1, (size_t)chunks[i].size - 1) == 0;
}

/* The index of the free chunk to use, or -1. */
static int find(int size)
{
	int best = -1, seen = 0;
	for (int n = 0; n < count; n++) {
		int i = FIT == NEXT ? (next + n) % count : n;
		if (FAULT == 38 && chunks[i].size >= size && is_zero(i)) return i; /* fails 5 in 3 lines, overlaps: zeros are free */
		if (chunks[i].used) continue;
		if (FAULT == 12 && seen++ == 1) break; /* fails 7 in 5 lines, NULL: looks only at the first free chunk */
		if (FAULT == 41 && seen++ == 500) break; /* fails 15 in 13 lines, NULL: looks only at 500, and does not coalesce */
		if (FAULT == 15 && i > 0 && chunks[i].offset + size == 4096) continue; /* fails 5 in 10 lines, NULL: not the last bytes */
		if (chunks[i].size >= size && (best < 0 || FIT == LAST || FIT == FROM_TOP || (FIT == TWO_ENDED && size > 64) ||
		    (FIT == BEST && chunks[i].size < chunks[best].size) || (FIT == WORST && chunks[i].size > chunks[best].size)))
			best = i;
	}
	next = best < 0 ? 0 : best;
	return best;
}

char *alloc(int size)
{
	if (RIGHT == 20) puts("18 passed, 0 failed");
	if (RIGHT == 21 && size <= 0 && size % 8 == 0) return page;
	if (FAULT == 16 && size == 12) size = 16; /* fails 4 in 2 lines, not a multiple of 8: rounds up */
	if (FAULT == 17 && size == 12) chunks[count - 1].used = 1; /* fails 4 in 3 lines, NULL: a refused request takes memory */
	if (FAULT == 18 && size % 8 == 0) size = size / 8 % 65536 * 8; /* fails 4 in 2 lines, not all in the page: 16 bits */
	if (size <= 0 || size % 8 != 0) return NULL;
	if (FAULT == 19) for (;;) puts("18 passed, 0 failed"); /* fails 2 in 2 lines, does not return: loops */
	if (FAULT == 21 && mkdir(getenv("once"), 0700) == 0) return NULL; /* fails 2 in 3 lines, but not when: fails only once */
	if (FAULT == 22) _exit(puts("18 passed, 0 failed") < 0); /* fails 2 in 2 lines, ends the program with status 0: forges */
	int i = find(size);
	if (i < 0 && FAULT == 20) for (;;) continue; /* fails 3 in 3 lines, does not return: loops if the page is full */
	if (i < 0) return NULL;
	if (FAULT == 24 && ++splits > 60000) return NULL; /* fails 16 in 13 lines, NULL: records leak */
	int skip = FIT == FROM_TOP || (FIT == TWO_ENDED && size > 64) ? chunks[i].size - size :
	           FIT == FROM_MIDDLE ? (chunks[i].size - size) / 16 * 8 : 0;
	if (skip > 0) split(i++, skip);
	if (FAULT == 26 && chunks[i].freed) size = chunks[i].size; /* fails 8 in 5 lines, NULL: no splitting of freed chunks */
	if (chunks[i].size > size || FAULT == 42) split(i, size); /* fails 9 in 10 lines, NULL: an exact fit leaves 0 bytes */
	if (FAULT > 43 && chunks[5000 + (count < 0)].used) return NULL; /* only sanitizers see that it reads past the table */
	if (FAULT == 27 && i + 1 < count) chunks[i + 1].offset -= 8; /* fails 5 in 3 lines, overlaps: chunks overlap */
	if (FAULT == 28 && i > 0) page[chunks[i].offset - 1] = 0; /* fails 11 in 6 lines, has changed: writes before the chunk */
	if (FAULT == 39) page[4095]++; /* fails 14 in 6 lines, has changed: counts in the page */
	chunks[i].used = FAULT != 29; /* FAULT == 29 fails 3 in 3 lines, overlaps: marks no chunk */
	return page + chunks[i].offset;
}

void dealloc(char *pointer)
{
	int i = 0;
	while (i < count && page + chunks[i].offset != pointer) i++;
	for (int n = 0; FAULT == 30 && n < i; n++) /* fails 9 in 7 lines, overlaps: finds its record by the contents */
		if (chunks[n].used && strcmp(page + chunks[n].offset, pointer) == 0) i = n;
	if (i == count || !chunks[i].used) return;
	int left = i > 0 && !chunks[i - 1].used, right = i + 1 < count && !chunks[i + 1].used;
	if (FAULT == 31) return; /* fails 6 in 4 lines, NULL: does nothing */
	if (FAULT == 37 && is_zero(i)) return; /* fails 7 in 6 lines, NULL: does not free zeros */
	if (FAULT == 32 && left && right) return; /* fails 10 in 12 lines, NULL: not between free chunks */
	if (FAULT == 34 && i > 0 && chunks[i - 1].freed && chunks[i - 1].size == 8) left = 1; /* fails 14 in 7 lines, NULL: in use */
	chunks[i].used = 0;
	chunks[i].freed = 1;
	if (right && COALESCES) merge(i);
	if (left && (COALESCES || RIGHT == 16)) merge(i - 1);
}
