/*
 * test_alloc1.c - the simple test, and an example of how the functions are used
 *
 * It demands what the lab's handout demands, of any heuristic, and no more: it
 * can judge any solution of the lab, in C or C++.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "alloc.h"

static int passed, failed;

/* The name of each check is the promise that it checks. */
#define CHECK(promise, condition) check(promise, condition, #condition, __LINE__)

static int check(const char *promise, int kept, const char *condition, int line)
{
	if (kept) {
		passed++;
		printf("ok: %s\n", promise);
	} else {
		failed++;
		printf("%s:%d: FAILED: %s: expected %s\n", __FILE__, line, promise, condition);
	}
	return kept;
}

static char *page; /* where the page starts, once a chunk of 4096 bytes has told */

static int in_page(const char *chunk, int size)
{
	uintptr_t offset = (uintptr_t)chunk - (uintptr_t)page;

	return page != NULL && offset <= (uintptr_t)(PAGESIZE - size);
}

/* Fills a chunk with a letter; a chunk outside the page is left alone. */
static void fill(char *chunk, int size, int letter)
{
	if (in_page(chunk, size))
		memset(chunk, letter, (size_t)size);
}

static int holds(const char *chunk, int size, int letter)
{
	if (!in_page(chunk, size))
		return 0;
	for (int i = 0; i < size; i++)
		if (chunk[i] != letter)
			return 0;
	return 1;
}

/* Writes a number, of which no other chunk has the same, all over a chunk of 8 bytes. */
static void write_number(char *chunk, int number)
{
	const int both[] = { number, number };

	if (in_page(chunk, sizeof both))
		memcpy(chunk, both, sizeof both);
}

static int holds_number(const char *chunk, int number)
{
	const int both[] = { number, number };

	return in_page(chunk, sizeof both) && memcmp(chunk, both, sizeof both) == 0;
}

static void test_whole_page(void)
{
	page = alloc(PAGESIZE);
	CHECK("all 4096 bytes can be had as one chunk", page != NULL);
	fill(page, PAGESIZE, 'P');
	CHECK("every byte of them can be written and read back", holds(page, PAGESIZE, 'P'));
	CHECK("a full page refuses even 8 bytes", alloc(MINALLOC) == NULL);
	dealloc(page);
}

static void test_refused_sizes(void)
{
	CHECK("12 bytes are refused: not a multiple of 8", alloc(12) == NULL);
	CHECK("4 bytes are refused: less than the smallest chunk", alloc(4) == NULL);
	CHECK("-8 bytes are refused", alloc(-8) == NULL);
	CHECK("more bytes than the page has are refused", alloc(PAGESIZE + MINALLOC) == NULL);
}

/* Leaves one string of 32 bytes in use, and returns it. */
static char *test_strings(void)
{
	char *name = alloc(16);
	char *greeting = alloc(32);

	CHECK("a freed chunk of 4096 bytes serves 16", in_page(name, 16));
	CHECK("and what is left of it serves 32", in_page(greeting, 32));
	if (!in_page(name, 16) || !in_page(greeting, 32))
		return greeting;
	snprintf(name, 16, "Donald E. Knuth");
	snprintf(greeting, 32, "first fit, split and coalesce");
	CHECK("a string can be written and read back", strcmp(name, "Donald E. Knuth") == 0);
	CHECK("and so can another", strcmp(greeting, "first fit, split and coalesce") == 0);
	dealloc(name);
	CHECK("freeing one leaves the other as it was", strcmp(greeting, "first fit, split and coalesce") == 0);
	return greeting;
}

/* Takes the rest of a page in which only `greeting`, of 32 bytes, is in use. */
static void test_small_chunks(char *greeting)
{
	enum { REST = (PAGESIZE - 32) / MINALLOC };
	static char *small[REST];
	char *again, *front, *back;
	int taken = 0, kept = 0;

	fill(greeting, 32, 'G');
	while (taken < REST && in_page(small[taken] = alloc(MINALLOC), MINALLOC)) {
		write_number(small[taken], taken);
		taken++;
	}
	CHECK("every 8 bytes of the page can be had", taken == REST);
	CHECK("and not one more", alloc(MINALLOC) == NULL);
	for (int i = 0; i < taken; i++)
		kept += holds_number(small[i], i);
	CHECK("no two chunks in use overlap", kept == REST && holds(greeting, 32, 'G'));
	if (taken < REST)
		return;

	dealloc(small[REST / 2]);
	again = alloc(MINALLOC);
	CHECK("a freed chunk is handed out again", again == small[REST / 2]);
	write_number(again, REST / 2);

	dealloc(greeting);
	front = alloc(8);
	back = alloc(24);
	CHECK("a freed chunk of 32 bytes serves 8", in_page(front, 8));
	CHECK("and the other 24 stay available", in_page(back, 24));
	fill(front, 8, 'f');
	fill(back, 24, 'b');
	CHECK("and the two do not overlap", holds(front, 8, 'f') && holds(back, 24, 'b'));
	kept = 0;
	for (int i = 0; i < REST; i++)
		kept += holds_number(small[i], i);
	CHECK("and no other chunk has changed", kept == REST);

	for (int i = 0; i < REST; i++)
		dealloc(small[i]);
	dealloc(front);
	dealloc(back);
	CHECK("when all is freed, there is room again", in_page(alloc(MINALLOC), MINALLOC));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0); /* a crash must not swallow what came before it */
	if (CHECK("init() gets a page", init() == 0)) {
		test_whole_page();
		test_refused_sizes();
		test_small_chunks(test_strings());
		CHECK("cleanup() gives it back", cleanup() == 0);
	}
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
