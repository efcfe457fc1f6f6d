/* test_alloc1.c - a simple test, which shows how to use the functions */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "alloc.h"

static int passed; /* checks */

static void check(const char *what, int holds)
{
	printf("%s: %s\n", holds ? "ok" : "FAILED", what);
	if (!holds) {
		printf("%d passed, 1 failed\n", passed);
		_exit(EXIT_FAILURE);
	}
	passed++;
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* so that a crash loses no output */
	atexit(abort);                         /* so that a solution that calls exit() does not pass */
	alarm(10);                             /* seconds; ends the test if a call does not return */

	check("init() returns 0", init() == 0);

	char *whole = alloc(4096);
	check("alloc(4096) returns a chunk", whole != NULL);
	memset(whole, 'x', 4096);
	check("all 4096 bytes keep what is written to them", whole[0] == 'x' && memcmp(whole, whole + 1, 4095) == 0);
	check("alloc(8) returns NULL while the page is full", alloc(8) == NULL);
	dealloc(whole);

	check("alloc(12) returns NULL, because 12 is not a multiple of 8", alloc(12) == NULL);
	check("alloc(4104) returns NULL, because it is larger than the page", alloc(4104) == NULL);

	char *ada = alloc(16);
	check("alloc(16) succeeds after the page is freed", ada != NULL);
	strcpy(ada, "Ada Lovelace");
	check("a string reads back as it was written", strcmp(ada, "Ada Lovelace") == 0);

	char *alan = alloc(16);
	check("alloc(16) returns another chunk", alan != NULL);
	check("the two chunks do not overlap", ada + 16 <= alan || alan + 16 <= ada);
	strcpy(alan, "Alan Turing");
	check("each chunk keeps its own string", strcmp(ada, "Ada Lovelace") == 0 && strcmp(alan, "Alan Turing") == 0);

	char *rest[512];
	int count = 0;
	while (count < 512 && (rest[count] = alloc(8)) != NULL)
		count++;
	check("alloc(8) succeeds 508 times, until the page is full", count == 508);

	dealloc(ada);
	char *grace = alloc(8);
	check("alloc(8) returns part of the freed chunk of 16", grace != NULL);
	strcpy(grace, "Grace");
	ada = alloc(8);
	check("alloc(8) returns the rest of that chunk", ada != NULL);
	strcpy(ada, "Ada");
	check("alloc(8) returns NULL when the page is full again", alloc(8) == NULL);
	check("no string has changed",
	      strcmp(grace, "Grace") == 0 && strcmp(ada, "Ada") == 0 && strcmp(alan, "Alan Turing") == 0);

	dealloc(grace);
	dealloc(ada);
	dealloc(alan);
	while (count > 0)
		dealloc(rest[--count]);
	check("cleanup() returns 0", cleanup() == 0);

	check("init() returns 0 again", init() == 0);
	check("alloc(4096) returns a chunk of the new page", (whole = alloc(4096)) != NULL);
	dealloc(whole);
	check("cleanup() returns 0 again", cleanup() == 0);

	printf("%d passed, 0 failed\n", passed);
	_exit(ferror(stdout) != 0); /* exit() would call abort() */
}
