/*
 * Solutions of the lab for .ci/judge: the page's chunks are in an array, in order. Each RIGHT is correct. Each FAULT is
 * wrong; its comment names the first demand of test_alloc2 that it fails, words of the reason, and the fault.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "alloc.h"

enum { FIRST, BEST, WORST, LAST, NEXT, FROM_TOP, FROM_MIDDLE, TWO_ENDED }; /* RIGHT: 0 to 7; 8 to 15: no coalescing */
enum { FIT = RIGHT < 16 ? RIGHT % 8 : FIRST, COALESCES = RIGHT < 8 || RIGHT > 16 };
static char *page;
static struct { int offset, size, used, freed; } chunks[5000]; /* freed: was in use before */
static int count, next, lives, splits, allocs;

int init(void)
{
	if (FAULT == 1) return 1; /* fails 1, returned 1: init() fails */
	if (FAULT == 2) abort(); /* fails 1, crashes: init() crashes */
	if (FAULT == 3 && dup(STDOUT_FILENO) < 0) return 1; /* fails 16, returned 1: leaves files open */
	page = mmap(NULL, RIGHT == 17 ? 8192 : 4096, PROT_READ | PROT_WRITE,
	            (RIGHT == 18 ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
	if (FAULT == 4) page = malloc(4096); /* fails 2, do not lie in one page: the page is from malloc() */
	if (FAULT == 5 && page == MAP_FAILED) return 0; /* fails 17, returned 0: takes MAP_FAILED for a page */
	if (page == MAP_FAILED) return 1;
	lives++;
	if (FAULT == 6 && lives > 1) return 0; /* fails 13, NULL: records survive cleanup() */
	memset(chunks, 0, FAULT != 7 || lives == 1 ? sizeof chunks : 1000);
	if (FAULT != 7 || lives == 1) count = 1; /* FAULT == 7 fails 16, NULL: clears too little */
	chunks[next = 0].size = 4096;
	if (FAULT == 8) chunks[0].size = 4088; /* fails 2, NULL: only 4088 bytes can be had */
	return 0;
}

int cleanup(void)
{
	for (int i = 0; i < count; i++) {
		if (RIGHT == 19 && chunks[i].used) return -1;
		if (FAULT == 9 && chunks[i].used && chunks[i].size > 64) return 0; /* fails 12, still there: keeps it */
	}
	if (FAULT == 10) return 0; /* fails 12, still there: does not call munmap() */
	if (munmap(page, RIGHT == 17 ? 8192 : 4096) != 0) return 1;
	if (FAULT == 11) return -1; /* fails 12, returned -1, but the page is gone: reports a failure */
	return 0;
}

/* Makes two chunks of one: the first of `size` bytes, and the rest. */
static void split(int i, int size)
{
	memmove(&chunks[i + 1], &chunks[i], (size_t)(count++ - i) * sizeof chunks[0]);
	chunks[i].size = size;
	chunks[i + 1].offset += size;
	chunks[i + 1].size -= size;
}

/* Makes one chunk of two: number i and the next. */
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
		if (chunks[i].used) continue;
		if (FAULT == 12 && seen++ == 1) break; /* fails 8, NULL: looks only at the first free chunk */
		if (FAULT == 13 && seen++ == 255) break; /* fails 14, NULL: looks only at 255 free chunks */
		if (FAULT == 14 && chunks[i].freed && chunks[i].size != size) continue; /* fails 7, NULL: only its own size */
		if (FAULT == 15 && i > 0 && chunks[i].offset + size == 4096) continue; /* fails 5, NULL: not the last bytes */
		if (chunks[i].size >= size && (best < 0 || FIT == LAST || FIT == FROM_TOP || (FIT == TWO_ENDED && size > 64) ||
		    (FIT == BEST && chunks[i].size < chunks[best].size) || (FIT == WORST && chunks[i].size > chunks[best].size)))
			best = i;
	}
	next = best < 0 ? 0 : best;
	return best;
}

char *alloc(int size)
{
	if (RIGHT == 20) puts("17 passed, 0 failed");
	if (RIGHT == 21 && size == 0) return page;
	if (RIGHT == 22 && ++allocs % 100 == 0) fork();
	if (FAULT == 16 && size == 12) size = 16; /* fails 4, not a multiple of 8: rounds up */
	if (FAULT == 17 && size == 12) chunks[count - 1].used = 1; /* fails 4, NULL: a refused request takes memory */
	if (FAULT == 18 && size % 8 == 0) size = size / 8 % 65536 * 8; /* fails 4, do not lie in one page: 16 bits */
	if (size <= 0 || size % 8 != 0) return NULL;
	if (FAULT == 19) for (;;) puts("17 passed, 0 failed"); /* fails 2, does not return: loops */
	if (FAULT == 20) raise(SIGSTOP); /* fails 2, does not return: stops */
	if (FAULT == 21) kill(0, SIGKILL); /* fails 2, crashes (Killed): kills its process group */
	if (FAULT == 22) _exit(puts("17 passed, 0 failed") < 0); /* fails 2, ends the program with status 0: forges a result */
	int i = find(size);
	if (i < 0) return NULL;
	if (FAULT == 23 && count == 64) return NULL; /* fails 14, NULL: the table is too small */
	if (FAULT == 24 && ++splits > 60000) return NULL; /* fails 15, NULL: records leak */
	int skip = FIT == FROM_TOP || (FIT == TWO_ENDED && size > 64) ? chunks[i].size - size :
	           FIT == FROM_MIDDLE ? (chunks[i].size - size) / 16 * 8 : 0;
	if (skip > 0) split(i++, skip);
	if (FAULT == 25) size = chunks[i].size; /* fails 5, NULL: no splitting */
	if (FAULT == 26 && chunks[i].freed) size = chunks[i].size; /* fails 9, NULL: no splitting of freed chunks */
	if (chunks[i].size > size) split(i, size);
	if (FAULT == 27 && i + 1 < count) chunks[i + 1].offset -= 8; /* fails 5, overlaps: chunks overlap */
	if (FAULT == 28 && i > 0) page[chunks[i].offset - 1] = 0; /* fails 6, has changed: writes before the chunk */
	chunks[i].used = FAULT != 29; /* FAULT == 29 fails 3, overlaps: marks no chunk */
	return page + chunks[i].offset;
}

void dealloc(char *pointer)
{
	int i = 0;
	while (i < count && page + chunks[i].offset != pointer) i++;
	for (int n = 0; FAULT == 30 && n < i; n++) /* fails 8, NULL: finds its record by the contents */
		if (chunks[n].used && strcmp(page + chunks[n].offset, pointer) == 0) i = n;
	if (i == count || !chunks[i].used) return;
	int left = i > 0 && !chunks[i - 1].used, right = i + 1 < count && !chunks[i + 1].used;
	if (FAULT == 31) return; /* fails 7, NULL: does nothing */
	if (FAULT == 32 && left && right) return; /* fails 11, NULL: not between free chunks */
	if (FAULT == 33 && i + 1 < count) chunks[i + 1].used = 0; /* fails 8, overlaps: frees the next chunk, too */
	if (FAULT == 34 && i > 0 && chunks[i - 1].freed && chunks[i - 1].size == 8) left = 1; /* fails 10, NULL: it is used */
	chunks[i].used = 0;
	chunks[i].freed = 1;
	if (right && COALESCES) merge(i);
	if (left && (COALESCES || RIGHT == 16)) merge(i - 1);
}
