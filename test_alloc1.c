/*
 * test_alloc1.c - the simple test: what the lab's handout demands, and no more
 *
 * It judges any solution of the lab, whatever its heuristic. The demands are listed in
 * judge_rows; most are a few steps, where A64 is "A = alloc(64), which must succeed",
 * -A is "dealloc(A)", and !64 is "alloc(64) must return NULL". Each demand is tried on
 * a fresh page in a process of its own, so that a crash, an exit() or an endless loop
 * is seen, too. For a debugger, `test_alloc1 3` tries only the third, in its own process.
 * All names of file scope begin with judge_, because a solution's alloc.h may define any other.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"

enum { JUDGE_PAGE = 4096, JUDGE_MOST = JUDGE_PAGE / 8, JUDGE_SECONDS = 10, JUDGE_ALL = 99 };

struct judge_chunk {
	char *start;
	int size; /* bytes, each of which holds `letter` */
	char letter;
};

static struct judge_chunk judge_chunks[JUDGE_MOST]; /* in use */
static int judge_count, judge_in_use;               /* chunks; bytes */
static const char *judge_demand;                    /* the one that is tried */
static const char *judge_steps = "";                /* of the demand */
static int judge_done;                              /* characters of the steps */
static int judge_output = STDOUT_FILENO;            /* gets the result */

/* Ends this process. The result is "met\n", or the demand that is not met, a colon, and what came. */
static void judge_report(const char *result)
{
	_exit(write(judge_output, result, strlen(result)) < 0);
}

static void judge_fail(const char *demand, const char *format, ...)
{
	char came[300], result[600];
	va_list values;

	va_start(values, format);
	vsnprintf(came, sizeof came, format, values);
	va_end(values);
	snprintf(result, sizeof result, "%s: %s%s%.*s\n", demand, came, judge_done > 0 ? ", after " : "", judge_done, judge_steps);
	judge_report(result);
}

static void judge_check_contents(void)
{
	for (const struct judge_chunk *chunk = judge_chunks; chunk < judge_chunks + judge_count; chunk++)
		for (int i = 0; i < chunk->size; i++)
			if (chunk->start[i] != chunk->letter)
				judge_fail("what is written into a chunk stays there", "byte %d of a chunk of %d bytes has changed",
				           i, chunk->size);
}

static void judge_check_overlap(const char *start, int size)
{
	for (const struct judge_chunk *chunk = judge_chunks; chunk < judge_chunks + judge_count; chunk++)
		if (start < chunk->start + chunk->size && chunk->start < start + size)
			judge_fail("a chunk in use is never handed out again", "alloc(%d) returned %p, where %p is a chunk of %d bytes",
			           size, (const void *)start, (void *)chunk->start, chunk->size);
}

/* mmap gives a page that starts at a multiple of its size. */
static void judge_check_page(const char *start, int size)
{
	uintptr_t known = (uintptr_t)(judge_count > 0 ? judge_chunks[0].start : start);
	uintptr_t page = known - known % JUDGE_PAGE;

	if ((uintptr_t)start - page > (uintptr_t)(JUDGE_PAGE - size))
		judge_fail("every chunk lies in the page", "alloc(%d) returned %p, outside the page of 4096 bytes at %p",
		           size, (const void *)start, (void *)page);
}

/* Takes a chunk and fills it with a letter; returns NULL where alloc() does. */
static char *judge_try(int size)
{
	struct judge_chunk chunk = { alloc(size), size, (char)('a' + judge_count % 26) };

	if (chunk.start == NULL)
		return NULL;
	judge_check_overlap(chunk.start, size);
	judge_check_page(chunk.start, size);
	memset(chunk.start, chunk.letter, (size_t)size);
	judge_chunks[judge_count++] = chunk;
	judge_in_use += size;
	return chunk.start;
}

static char *judge_take(int size)
{
	char *start = judge_try(size);

	if (start == NULL)
		judge_fail(judge_demand, "alloc(%d) returned NULL with %d of 4096 bytes in use", size, judge_in_use);
	return start;
}

static void judge_refuse(int size)
{
	char *start = alloc(size);

	if (start == NULL)
		return;
	judge_check_overlap(start, size);
	judge_fail(judge_demand, "alloc(%d) did not return NULL with %d of 4096 bytes in use", size, judge_in_use);
}

static void judge_give(char *start)
{
	struct judge_chunk *chunk = judge_chunks;

	judge_check_contents();
	while (chunk->start != start)
		chunk++;
	judge_in_use -= chunk->size;
	*chunk = judge_chunks[--judge_count];
	dealloc(start);
}

static void judge_give_all(void)
{
	while (judge_count > 0)
		judge_give(judge_chunks[0].start);
}

static void judge_zero(const char *call, int result)
{
	if (result != 0)
		judge_fail(judge_demand, "%s returned %d", call, result);
}

static void judge_string(void)
{
	char *name = alloc(16);

	if (name == NULL)
		judge_fail(judge_demand, "alloc(16) returned NULL");
	strcpy(name, "Donald E. Knuth");
	if (strcmp(name, "Donald E. Knuth") != 0)
		judge_fail(judge_demand, "\"Donald E. Knuth\" reads back as \"%.15s\"", name);
	dealloc(name);
}

static void judge_cleanup(void)
{
	judge_take(64);
	judge_give_all();
	judge_zero("cleanup()", cleanup());
}

/* mmap gives the place that it is asked for, if no memory is there. */
static void judge_check_gone(const char *chunk)
{
	void *page = (void *)((uintptr_t)chunk - (uintptr_t)chunk % (uintptr_t)sysconf(_SC_PAGESIZE));

	if (mmap(page, 1, PROT_READ, MAP_PRIVATE, open("/dev/zero", O_RDONLY), 0) != page)
		judge_fail(judge_demand, "there still is memory at %p after cleanup()", page);
}

static void judge_page_goes_back(void)
{
	const char *chunk = judge_take(64);

	judge_give_all();
	cleanup();
	judge_check_gone(chunk);
}

static void judge_used_page_goes_back(void)
{
	const char *chunk = judge_take(64);

	judge_count = 0; /* its contents may be gone */
	if (cleanup() == 0) /* it may insist that no chunk is in use */
		judge_check_gone(chunk);
}

/* Returns how many chunks of `size` bytes can be had. */
static int judge_take_many(int size)
{
	int taken = 0;

	while (judge_in_use + size <= JUDGE_PAGE && judge_try(size) != NULL)
		taken++;
	return taken;
}

static void judge_second_life(void)
{
	int before = judge_take_many(64), after;

	if (cleanup() != 0) { /* it may insist that no chunk is in use */
		judge_give_all();
		judge_zero("cleanup()", cleanup());
	}
	judge_count = judge_in_use = 0;
	judge_zero("init() after cleanup()", init());
	after = judge_take_many(64);
	if (after != before)
		judge_fail(judge_demand, "there were %d chunks of 64 bytes in the first page, but %d in the second", before, after);
}

static void judge_smallest(void)
{
	int taken = judge_take_many(8);

	if (taken < JUDGE_MOST)
		judge_fail(judge_demand, "only %d of 512 chunks of 8 bytes could be had", taken);
	judge_refuse(8);
}

/* Any of these requests may be refused, but no chunk may be wrong. */
static void judge_history(void)
{
	char *chunks[40] = { NULL };
	uint32_t random = 1;

	for (int call = 0; call < 3000; call++) {
		random = random * 1103515245u + 12345u;
		char **chunk = &chunks[random / 65536 % 40];

		if (*chunk == NULL) {
			*chunk = judge_try((int)(random / 4096 % 40 + 1) * 8);
		} else {
			judge_give(*chunk);
			*chunk = NULL;
		}
	}
	judge_give_all();
}

static void judge_nothing_lost(void)
{
	judge_history();
	judge_smallest();
	judge_give_all();
	judge_smallest();
}

/*
 * So that no line accuses the wrong demand, one is judged only if that above it with less depth is met, and one of
 * depth JUDGE_ALL only if all are.
 */
static const struct judge_row {
	int depth;
	const char *demand, *steps;
	void (*test)(void); /* after the steps, or NULL */
} judge_rows[] = {
	{ 0, "init() gets a page", "A64", NULL },
	{ 1, "a chunk of 8 bytes can be had", "A8", NULL },
	{ 1, "a string reads back as it was written", "", judge_string },
	{ 1, "a size that is not a multiple of 8 is refused", "!12 !10 !9 !4 !1 !100 !4095", NULL },
	{ 1, "cleanup() returns 0", "", judge_cleanup },
	{ 2, "cleanup() gives the page back with munmap", "", judge_page_goes_back },
	{ 3, "cleanup() that returns 0 gives the page back with chunks in use too", "", judge_used_page_goes_back },
	{ 2, "init() after cleanup() gets a page that is all free", "", judge_second_life },
	{ 1, "all 4096 bytes can be had as one chunk", "A4096", NULL },
	{ 2, "more than the page has left is refused", "A4096 !8 !4096 !4104", NULL },
	{ 3, "a huge size is refused", "!65544 A64 !2147483640", NULL },
	{ 3, "a request that is refused changes nothing", "!8192 A4096", NULL },
	{ 3, "a freed chunk serves a smaller request", "A4096 -A B8", NULL },
	{ 4, "dealloc() frees the whole chunk", "A4096 -A A4096 -A A4096", NULL },
	{ 5, "what a smaller request leaves of a freed chunk stays available", "A4096 -A A1024 B2048 C1024 !8", NULL },
	{ 6, "all 4096 bytes can be had in mixed sizes", "A8 B1024 C16 D2048 E24 F40 G512 H104 I320 !8", NULL },
	{ 6, "all 4096 bytes can be had as 512 chunks of 8", "", judge_smallest },
	{ 6, "a freed chunk among chunks in use serves any smaller request", "A512 B512 C3072 -B D64", NULL },
	{ 7, "what a smaller request leaves of a freed chunk among chunks in use stays available",
	     "A512 B512 C3072 -B D64 E8 F440 !8 -A G504 H8 !8", NULL },
	{ 8, "dealloc() frees no other chunk", "A512 B512 C512 D512 E512 F512 G512 H512 "
	     "-A I128 J256 K128 !8 -D L256 M256 !8 -H N128 O384 !8", NULL },
	{ 8, "a free chunk is found among chunks in use", "A64 B512 C256 D512 E128 F512 G32 H2080 "
	     "-A -C -E -G !264 C256 E128 A64 G32 !8 -G -E -C -A C256 E128 A64 G32 !8", NULL },
	{ 8, "chunks freed side by side can all be had again", "A512 B512 C512 D512 E512 F1536 "
	     "-B -C -D B512 C512 D512 !8 -B -D -C B512 C512 D512 !8 -D -C -B B512 C512 D512 !8", NULL },
	{ 8, "a chunk in use is never handed out again", "", judge_history },
	{ JUDGE_ALL, "nothing of the page is lost in 3000 calls", "", judge_nothing_lost },
};
enum { JUDGE_ROWS = sizeof judge_rows / sizeof *judge_rows };

static void judge_run(const struct judge_row *row)
{
	char *named[128];

	judge_demand = row->demand;
	judge_steps = row->steps;
	judge_zero("init()", init());
	for (const char *step = row->steps; *step != '\0'; step += strspn(step, " ")) {
		if (*step == '!')
			judge_refuse(atoi(step + 1));
		else if (*step == '-')
			judge_give(named[(int)step[1]]);
		else
			named[(int)*step] = judge_take(atoi(step + 1));
		step += strcspn(step, " ");
		judge_done = (int)(step - row->steps);
	}
	if (row->test != NULL)
		row->test();
	judge_check_contents();
	judge_report("met\n");
}

/* Tries a demand in a process of its own. Returns whether that reported before it ended. */
static int judge_watch(const struct judge_row *row, char *result, size_t size)
{
	int ends[2], status;
	pid_t child;
	ssize_t length;

	if (pipe(ends) != 0 || (child = fork()) < 0) {
		perror("test_alloc1");
		exit(2);
	}
	if (child == 0) {
		judge_output = ends[1];
		alarm(JUDGE_SECONDS);
		judge_run(row);
	}
	close(ends[1]);
	length = read(ends[0], result, size - 1);
	close(ends[0]);
	waitpid(child, &status, 0);
	result[length > 0 ? length : 0] = '\0';
	if (length > 0 && status == 0)
		return 1;
	if (WIFEXITED(status))
		snprintf(result, size, "%s: the solution ended the program, with status %d\n", row->demand, WEXITSTATUS(status));
	else if (WTERMSIG(status) == SIGALRM)
		snprintf(result, size, "%s: the solution does not return, in %d seconds\n", row->demand, JUDGE_SECONDS);
	else
		snprintf(result, size, "%s: the solution crashes, with signal %d\n", row->demand, WTERMSIG(status));
	return 0;
}

int main(int argc, char **argv)
{
	int number = argc > 1 ? atoi(argv[1]) : 0, unmet_depth = JUDGE_ALL, passed = 0, failed = 0;
	char result[600], first_unmet[600];

	if (argc > 1 && (number < 1 || number > JUDGE_ROWS)) {
		fprintf(stderr, "usage: test_alloc1 [the number of one demand, 1 to %d]\n", JUDGE_ROWS);
		return 2;
	}
	if (argc > 1)
		judge_run(&judge_rows[number - 1]);
	signal(SIGCHLD, SIG_DFL); /* where it is ignored, waitpid() finds no child */
	setvbuf(stdout, NULL, _IOLBF, 0); /* so that each line is printed before the next fork() */
	for (const struct judge_row *row = judge_rows; row < judge_rows + JUDGE_ROWS; row++) {
		int reported;

		if (row->depth > unmet_depth || (row->depth == JUDGE_ALL && failed > 0)) {
			printf("not judged: %s\n", row->demand);
			continue;
		}
		unmet_depth = JUDGE_ALL;
		reported = judge_watch(row, result, sizeof result);
		if (strcmp(result, "met\n") == 0) {
			printf("ok: %s\n", row->demand);
			passed++;
			continue;
		}
		printf("FAILED: %s", result);
		if (failed++ == 0)
			strcpy(first_unmet, result);
		unmet_depth = row->depth;
		if (!reported || strncmp(result, row->demand, strlen(row->demand)) != 0)
			unmet_depth = -1; /* crashed, or failed a demand of all calls: nothing more can be judged */
	}
	if (failed > 0)
		printf("\nfirst demand that is not met: %.*s", (int)strcspn(first_unmet, ":"), first_unmet);
	printf("\n%d passed, %d failed\n", passed, failed);
	fflush(stdout);
	_exit(failed != 0); /* so that nothing that the solution runs at exit() prints after this line */
}
