/*
 * A solution of the lab in many variants. The chunks are in an array, ordered by address. Each FAULT is wrong; its
 * comment gives the exit status of test_alloc1, the first test of test_alloc2 that fails, how many calls explain that
 * (?: any digit), part of the reason, and the fault. Each RIGHT is correct: 0 to 5 place chunks as the enum says; 6 to
 * 11 do so without coalescing; 12 coalesces only with the chunk before; 13 maps two pages, and 14 always the same one;
 * 15 does not clean up while a chunk is in use; 16 prints; 17 returns a pointer for 0, -8, ...
 */
#include "alloc.h"

enum { FIRST, BEST, WORST, NEXT, FROM_TOP, FROM_MIDDLE };
enum { FIT = RIGHT < 12 ? RIGHT % 6 : FIRST, COALESCES = (RIGHT < 6 || RIGHT > 12) };
static char *page, *first;
static struct { int offset, size, used, freed; } chunks[5000]; /* freed: was in use before */
static int count, next, lives, splits;

int init(void)
{
	if (FAULT == 1) return 1; /* 1; fails 1 in 1, returned 1: init() fails */
	if (FAULT == 3 && dup(STDOUT_FILENO) < 0) return 1; /* 0; fails 17 in 30??, Too many open files: leaves files open */
	void *place = RIGHT == 14 ? (void *)0x20000000 : NULL;
	page = mmap(place, RIGHT == 13 ? 8192 : 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (FAULT == 4) page = malloc(4096); /* 1; fails 1 in 2, returned 1, although no chunk: the page is from malloc() */
	if (FAULT == 5 && page == MAP_FAILED) return 0; /* 0; fails 18 in 3, returned 0: takes MAP_FAILED for a page */
	if (page == MAP_FAILED || (RIGHT == 14 && page != place)) { perror("mmap"); return 1; }
	if (lives++ == 0) first = page;
	if (FAULT == 2) page = first; /* 0; fails 13 in 5, crashes: keeps its first page */
	if (FAULT == 6 && lives > 1) return 0; /* 0; fails 13 in 5, NULL: records survive cleanup() */
	memset(chunks, 0, FAULT != 7 || lives == 1 ? sizeof chunks : 1000);
	if (FAULT != 7 || lives == 1) count = 1; /* FAULT == 7: 0; fails 15 in 580, overlaps: clears too little */
	chunks[next = 0].size = 4096;
	return 0;
}

int cleanup(void)
{
	for (int i = 0; RIGHT == 15 && i < count; i++) if (chunks[i].used) return -1;
	if (FAULT == 9 && count == 1 && !chunks[0].used) abort(); /* 134; fails 1 in 2, crashes: when nothing is in use */
	if (FAULT == 10) return 0; /* 0; fails 12 in 3, still there: does not call munmap() */
	if (FAULT == 20) return munmap(page, 8192); /* 1??; fails 12 in 3, unmapped more: two pages */
	if (munmap(page, RIGHT == 13 ? 8192 : 4096) != 0) return 1;
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

/* The index of the free chunk to use, or -1. */
static int find(int size)
{
	int best = -1, seen = 0;
	for (int n = 0; n < count; n++) {
		int i = FIT == NEXT ? (next + n) % count : n;
		if (FAULT == 38 && chunks[i].size >= size && page[chunks[i].offset] == 0) return i; /* 0; fails 5 in 3, overlaps: zeros are free */
		if (chunks[i].used) continue;
		if (FAULT == 12 && seen++ == 1) break; /* 0; fails 7 in 5, NULL: looks only at the first free chunk */
		if (FAULT == 15 && i > 0 && chunks[i].offset + size == 4096) continue; /* 1; fails 5 in 10, NULL: not the last bytes */
		if (chunks[i].size >= size && (best < 0 || FIT == FROM_TOP ||
		    (FIT == BEST && chunks[i].size < chunks[best].size) || (FIT == WORST && chunks[i].size > chunks[best].size)))
			best = i;
	}
	next = best < 0 ? 0 : best;
	return best;
}

char *alloc(int size)
{
	if (RIGHT == 16) puts("18 passed, 0 failed");
	if (RIGHT == 17 && size <= 0 && size % 8 == 0) return page;
	if (FAULT == 16 && size == 12) size = 16; /* 1; fails 4 in 2, not a multiple of 8: rounds up */
	if (FAULT == 17 && size == 12) chunks[count - 1].used = 1; /* 1; fails 4 in 3, NULL: a refused request takes memory */
	if (FAULT == 18 && size % 8 == 0) size = size / 8 % 65536 * 8; /* 0; fails 4 in 2, not all in the page: 16 bits */
	if (size <= 0 || size % 8 != 0) return NULL;
	if (FAULT == 22) exit(puts("18 passed, 0 failed") < 0); /* 134; fails 2 in 2, ends the program with status 0: forges */
	int i = find(size);
	if (i < 0 && FAULT == 8) return page + 4096; /* 1; fails 3 in 3, not all in the page: a full page */
	if (i < 0 && FAULT == 43) for (;;) pause(); /* 142; fails 3 in 3, does not return: hangs if the page is full */
	if (i < 0) return NULL;
	if (FAULT == 24 && ++splits > 60000) return NULL; /* 0; fails 16 in 120002, NULL: records leak */
	int skip = FIT == FROM_TOP ? chunks[i].size - size : FIT == FROM_MIDDLE ? (chunks[i].size - size) / 16 * 8 : 0;
	if (skip > 0) split(i++, skip);
	if (FAULT == 13 && chunks[i].size > size) split(i++, 4); /* 1; fails 4 in 2, not a multiple of 8: misaligned */
	if (FAULT == 26 && chunks[i].freed) size = chunks[i].size; /* 1; fails 8 in 5, NULL: no splitting of freed chunks */
	if (chunks[i].size > size || FAULT == 42) split(i, size); /* 0; fails 9 in 10, NULL: an exact fit leaves 0 bytes */
	if (FAULT > 43 && chunks[5000 + (count < 0)].used) return NULL; /* only sanitizers see that it reads past the table */
	if (FAULT == 27 && i + 1 < count) chunks[i + 1].offset -= 8; /* 1; fails 5 in 3, overlaps: chunks overlap */
	if (FAULT == 28 && i > 0) page[chunks[i].offset - 1] = 0; /* 0; fails 11 in 6, has changed: writes before the chunk */
	if (FAULT == 39) page[4095]++; /* 0; fails 14 in 6, has changed: counts in the page */
	chunks[i].used = FAULT != 29; /* FAULT == 29: 1; fails 3 in 3, overlaps: marks no chunk */
	return page + chunks[i].offset;
}

void dealloc(char *pointer)
{
	int i = 0;
	while (i < count && page + chunks[i].offset != pointer) i++;
	for (int n = 0; FAULT == 30 && n < i; n++) /* 0; fails 9 in 7, overlaps: finds its record by the contents */
		if (chunks[n].used && strcmp(page + chunks[n].offset, pointer) == 0) i = n;
	if (i == count || !chunks[i].used) return;
	int left = i > 0 && !chunks[i - 1].used, right = i + 1 < count && !chunks[i + 1].used;
	if (FAULT == 31) return; /* 1; fails 6 in 4, NULL: does nothing */
	if (FAULT == 32 && left && right) return; /* 0; fails 10 in 12, NULL: not between free chunks */
	chunks[i].used = 0;
	chunks[i].freed = 1;
	if (right && COALESCES) merge(i);
	if (left && (COALESCES || RIGHT == 12)) merge(i - 1);
}
