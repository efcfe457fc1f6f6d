/*
 * test_alloc1.c - the simple test, which shows how the functions are used; every correct solution passes
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alloc.h"

#define CHECK(what, holds) \
	do { \
		if (!(holds)) { \
			printf("FAILED: %s\n%d passed, 1 failed\n", what, passed); \
			return EXIT_FAILURE; \
		} \
		printf("ok: %s\n", what); \
		passed++; \
	} while (0)

int main(void)
{
	int passed = 0;
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* so that a crash does not lose the lines before it */

	CHECK("init() gets a page and returns 0", init() == 0);

	char *whole = alloc(4096);
	CHECK("alloc(4096) returns the whole page", whole != NULL);
	memset(whole, 'x', 4096);
	CHECK("all 4096 bytes hold what is written", whole[0] == 'x' && memcmp(whole, whole + 1, 4095) == 0);
	CHECK("alloc(8) returns NULL while all is in use", alloc(8) == NULL);
	dealloc(whole);

	CHECK("alloc(12) returns NULL, since 12 is not a multiple of 8", alloc(12) == NULL);
	CHECK("alloc(4104) returns NULL, since it is more than the page", alloc(4104) == NULL);

	char *ada = alloc(16);
	CHECK("alloc(16) returns a chunk of the freed memory", ada != NULL);
	strcpy(ada, "Ada Lovelace");
	CHECK("a string reads back as it was written", strcmp(ada, "Ada Lovelace") == 0);

	char *alan = alloc(16);
	CHECK("alloc(16) returns another chunk", alan != NULL);
	CHECK("the two chunks do not overlap", ada + 16 <= alan || alan + 16 <= ada);
	strcpy(alan, "Alan Turing");
	CHECK("each chunk keeps its own string", strcmp(ada, "Ada Lovelace") == 0 && strcmp(alan, "Alan Turing") == 0);

	char *rest[512];
	int count = 0;
	while (count < 512 && (rest[count] = alloc(8)) != NULL)
		count++;
	CHECK("alloc(8) returns the rest of the page, 508 times", count == 508);

	dealloc(ada);
	char *grace = alloc(8);
	CHECK("alloc(8) returns part of the freed chunk of 16", grace != NULL);
	strcpy(grace, "Grace");
	ada = alloc(8);
	CHECK("alloc(8) returns what is left of that chunk", ada != NULL);
	strcpy(ada, "Ada");
	CHECK("alloc(8) returns NULL while all is in use again", alloc(8) == NULL);
	CHECK("no string has changed",
	      strcmp(grace, "Grace") == 0 && strcmp(ada, "Ada") == 0 && strcmp(alan, "Alan Turing") == 0);

	dealloc(grace);
	dealloc(ada);
	dealloc(alan);
	while (count > 0)
		dealloc(rest[--count]);
	CHECK("cleanup() gives the page back and returns 0", cleanup() == 0);

	CHECK("init() gets another page after cleanup()", init() == 0);
	whole = alloc(4096);
	CHECK("alloc(4096) returns all of the new page", whole != NULL);
	dealloc(whole);
	CHECK("cleanup() also gives that page back", cleanup() == 0);

	printf("%d passed, 0 failed\n", passed);
	return EXIT_SUCCESS;
}
