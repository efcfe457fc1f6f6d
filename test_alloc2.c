/*
 * test_alloc2.c - the complex test: all that the lab's handout demands, of any solution
 *
 * usage: test_alloc2 [N]
 *
 * Each demand in the table at the end is tried in a process of its own, on a fresh page. With
 * N, only demand N is tried, in this process, and each call is printed with the page after it:
 * 64 characters, each for 64 bytes: a dot if all of them are free, otherwise the letter of the
 * first chunk in use there.
 *
 * No alloc.h is included, so that a solution's alloc.h may define any name.
 */
#define _DEFAULT_SOURCE 1 /* shows MAP_ANONYMOUS in strict C, too */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int init(void);
int cleanup(void);
char *alloc(int size);
void dealloc(char *chunk);

enum {
	PAGE = 4096,
	UNIT = 8,
	UNITS = PAGE / UNIT,
	CELL = 64,          /* bytes for one character in the drawing of the page */
	STEPS = 32,         /* calls that explain a failure */
	GUARD = 65536,      /* bytes; a multiple of every system's page size */
	STALL = 10000,      /* milliseconds in which a call must return */
	MOST_TIME = 60000,  /* milliseconds for one demand; if that is not enough, it is not judged */
	AFTER_ALL = 99      /* the depth of a demand that is tried only if all before it are met */
};

/* Demands that can be broken while another one is tried. */
static const char RETURNS[] = "every call returns in time";
static const char GOES_ON[] = "no call ends the program";
static const char AGAIN[] = "init() after cleanup() gets a page that is all free";
static const char CLOSES[] = "cleanup() returns 0";
static const char IN_PAGE[] = "every chunk lies in the page";
static const char ALIGNED[] = "every chunk starts at a multiple of 8 bytes";
static const char ONCE[] = "a chunk in use is never handed out again";
static const char KEEPS[] = "what is written into a chunk stays there";
static const char FOUND[] = "a free chunk is found among chunks in use";
static const char MULTIPLE[] = "a size that is not a multiple of 8 is refused";
static const char ROOM[] = "more than is free is refused";

enum outcome { NONE, MET, UNMET, SKIPPED };
enum part { RUN, PIECE };

/*
 * The trial of one demand, in memory that the process which tries it shares with the one that
 * watches. The page is a model of the handout's "a freed chunk of N1 bytes serves any N2 <= N1,
 * and the leftover N1 - N2 stays available": what is free is a set of pieces, at first one of
 * 4096 bytes. A chunk is taken from a piece, what is left of that stays a piece, and a freed
 * chunk is a piece of its size. A request must succeed if a piece is large enough. It must be
 * refused if its size is not a multiple of 8, or larger than any run of free bytes. Between
 * the two, only a solution that coalesces can serve it: both answers are right.
 */
static struct trial {
	char owner[UNITS];     /* the letter of the chunk in use that has this unit, or 0: it is free */
	bool cut[UNITS + 1];   /* a chunk or piece starts with this unit */
	char *page;            /* NULL until the first chunk shows where it is */
	long calls;            /* that have returned, and were right */
	char steps[STEPS][80]; /* the last of these, and what is under way */
	volatile bool touches; /* what is under way is no call, but reads or writes a chunk */
	enum outcome outcome;
	const char *unmet;     /* demand */
	char came[160];        /* in its place */
} *trial;

#define PRINT_INTO(array, ...) snprintf(array, sizeof(array), __VA_ARGS__)
#define UNDER_WAY trial->steps[trial->calls % STEPS]
#define CALL(call, ...) (PRINT_INTO(UNDER_WAY, __VA_ARGS__), before_call(), call, after_call())
#define COUNT(...) (PRINT_INTO(UNDER_WAY, __VA_ARGS__), count())
#define FAIL(demand, ...) (PRINT_INTO(trial->came, __VA_ARGS__), trial->unmet = (demand), finish(UNMET))

static const struct row {
	int depth;
	const char *demand, *steps;
	void (*test)(void); /* after the steps, or NULL */
} *row;              /* that is tried */
static int number;   /* of the row, from 1 */
static bool talks;   /* prints each call */
static pid_t tester; /* the process that makes the calls, and no child that a solution forks */

static void draw(void)
{
	for (int unit = 0; unit < UNITS; unit += CELL / UNIT) {
		int shown = unit;

		while (shown < unit + CELL / UNIT - 1 && trial->owner[shown] == 0)
			shown++;
		putchar(trial->owner[shown] != 0 ? trial->owner[shown] : '.');
	}
	putchar('\n');
}

/* In one line, and under a failure the page. */
static void print_outcome(enum outcome outcome)
{
	long first = trial->calls < STEPS ? 0 : trial->calls - STEPS + 1;

	if (outcome != UNMET) {
		printf("%s %d: %s\n", outcome == MET ? "ok" : "not judged", number, row->demand);
		return;
	}
	printf("%sFAILED %d: %s: %s", talks ? "\n" : "", number, trial->unmet, trial->came);
	if (first > 0)
		printf(", after %ld calls, of which the last are ", trial->calls);
	else if (trial->calls > 0)
		printf(", after ");
	for (long call = first; call < trial->calls; call++)
		printf("%s%s", trial->steps[call % STEPS], call < trial->calls - 1 ? ", " : "");
	printf("\n  ");
	draw();
}

/* Right after a line is printed; to close stdout on purpose is no failure. */
static bool is_output_lost(void)
{
	return ferror(stdout) && errno != EBADF;
}

/* Ends the trial. */
static void finish(enum outcome outcome)
{
	trial->outcome = outcome;
	if (!talks)
		_exit(EXIT_SUCCESS);
	print_outcome(outcome);
	exit(outcome == UNMET || is_output_lost());
}

static void before_call(void)
{
	if (talks) {
		printf("  %-15s ", UNDER_WAY);
		fflush(stdout);
	}
}

/* A solution may fork: its child ends here. */
static void after_call(void)
{
	if (getpid() != tester)
		_exit(EXIT_SUCCESS);
}

/* A call was right: COUNT() has its text and result. */
static void count(void)
{
	if (talks) {
		printf("%-24s ", UNDER_WAY);
		draw();
	}
	trial->calls++;
	UNDER_WAY[0] = '\0';
}

/* The first unit after the chunk or piece that starts with this one. */
static int end_of(int unit)
{
	do
		unit++;
	while (!trial->cut[unit]);
	return unit;
}

/* The bytes of the longest run of free units, or of the largest piece. */
static int longest(enum part part)
{
	int most = 0, length = 0;

	for (int unit = 0; unit < UNITS; unit++) {
		if (trial->owner[unit] != 0 || (part == PIECE && trial->cut[unit]))
			length = 0;
		length += trial->owner[unit] == 0;
		if (length > most)
			most = length;
	}
	return most * UNIT;
}

static const char *place(const char *start)
{
	static char text[40];
	uintptr_t offset = (uintptr_t)start - (uintptr_t)trial->page;

	if (start == (char *)MAP_FAILED)
		return "MAP_FAILED";
	if (trial->page == NULL)
		return "a pointer";
	if (offset >= PAGE)
		return "a pointer outside the page";
	PRINT_INTO(text, "a chunk at %d", (int)offset);
	return text;
}

/* Compares what alloc(size) returned, which is not NULL, with the model. */
static void check_chunk(int size, char *start)
{
	if (size % UNIT != 0)
		FAIL(MULTIPLE, "alloc(%d) returned %s", size, place(start));
	if (trial->page == NULL && size <= PAGE && start != (char *)MAP_FAILED)
		trial->page = start - (uintptr_t)start % PAGE; /* mmap gives pages at multiples of their size */

	uintptr_t offset = (uintptr_t)start - (uintptr_t)trial->page;
	bool is_in_page = trial->page != NULL && size <= PAGE && offset <= (uintptr_t)(PAGE - size);

	for (size_t unit = offset / UNIT; is_in_page && unit < (offset + (size_t)size) / UNIT; unit++)
		if (trial->owner[unit] != 0)
			FAIL(ONCE, "alloc(%d) returned %s, where %c is in use", size, place(start), trial->owner[unit]);
	if (size > longest(RUN))
		FAIL(ROOM, "alloc(%d) returned %s, though no more than %d bytes are free in a row", size, place(start),
		     longest(RUN));
	if (!is_in_page)
		FAIL(IN_PAGE, "alloc(%d) returned %s%s", size, place(start),
		     offset < PAGE ? ", whose end lies outside the page" : "");
	if (offset % UNIT != 0)
		FAIL(ALIGNED, "alloc(%d) returned %s", size, place(start));
}

/* Takes a chunk out of the piece or pieces that it lies in, and fills it. */
static char *put_in_use(char *start, int size)
{
	static int chunks;
	int first = (int)(start - trial->page) / UNIT, last = first + size / UNIT;
	char letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[chunks++ % 52];

	memset(trial->owner + first, letter, (size_t)(last - first));
	memset(trial->cut + first, false, (size_t)(last - first));
	trial->cut[first] = trial->cut[last] = true;
	COUNT("%c = alloc(%d) at %d", letter, size, first * UNIT);
	PRINT_INTO(UNDER_WAY, "writing into %c", letter);
	trial->touches = true;
	memset(start, letter, (size_t)size);
	trial->touches = false;
	return start;
}

/* Requests a chunk, as large as it likes; returns NULL if alloc() does, and may. */
static char *request(int size)
{
	char *start;

	CALL(start = alloc(size), "alloc(%d)", size);
	if (start == NULL) {
		if (size > 0 && size % UNIT == 0 && size <= longest(PIECE))
			FAIL(row->demand == KEEPS || row->demand == ROOM ? FOUND : row->demand,
			     "alloc(%d) returned NULL, though a free chunk has %d bytes", size, longest(PIECE));
		COUNT("NULL = alloc(%d)", size);
		return NULL;
	}
	check_chunk(size, start);
	return put_in_use(start, size);
}

static void check_contents(char *start)
{
	int first = (int)(start - trial->page) / UNIT, size = (end_of(first) - first) * UNIT;
	char letter = trial->owner[first];

	PRINT_INTO(UNDER_WAY, "reading %c", letter);
	trial->touches = true;
	for (int i = 0; i < size; i++)
		if (start[i] != letter)
			FAIL(KEEPS, "byte %d of %c, a chunk of %d bytes at %d, has changed", i, letter, size, first * UNIT);
	trial->touches = false;
	UNDER_WAY[0] = '\0';
}

/* NULL is a request that was refused, as it may be. */
static void give(char *start)
{
	if (start == NULL)
		return;

	int first = (int)(start - trial->page) / UNIT, units = end_of(first) - first;

	check_contents(start);
	CALL(dealloc(start), "dealloc(%c)", trial->owner[first]);
	memset(trial->owner + first, 0, (size_t)units);
	count();
}

static void for_each_chunk(void (*act)(char *start))
{
	for (int unit = 0; unit < UNITS; unit = end_of(unit))
		if (trial->owner[unit] != 0)
			act(trial->page + unit * UNIT);
}

/* All that is free can be had, piece by piece. */
static void take_all(void)
{
	while (longest(PIECE) > 0)
		request(longest(PIECE));
}

static void open_page(void)
{
	int result;

	CALL(result = init(), "init()");
	if (result != 0)
		FAIL(trial->calls == 0 ? row->demand : AGAIN, "init() returned %d", result);
	memset(trial->owner, 0, sizeof trial->owner);
	memset(trial->cut, false, sizeof trial->cut);
	trial->cut[0] = trial->cut[UNITS] = true;
	trial->page = NULL;
	count();
}

/* A cleanup() may insist that every chunk is freed first. */
static void close_page(void)
{
	int result;

	CALL(result = cleanup(), "cleanup()");
	if (result != 0 && longest(RUN) == PAGE)
		FAIL(CLOSES, "cleanup() returned %d, though no chunk is in use", result);
	COUNT("%d = cleanup()", result);
	if (result == 0) {
		memset(trial->owner, 0, sizeof trial->owner);
	} else {
		for_each_chunk(give);
		close_page();
	}
}

/* mmap gives the place that it is asked for only if no memory is there. */
static void check_gone(void)
{
	uintptr_t system_page = (uintptr_t)sysconf(_SC_PAGESIZE);
	char *start = trial->page - (uintptr_t)trial->page % system_page;

	if (mmap(start, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != start)
		FAIL(row->demand, "the page is still there");
}

static void no_memory(void)
{
	struct rlimit none = { 0, 0 };
	volatile char stack[65536]; /* which cannot grow once there is no memory */
	const char *preloaded = getenv("LD_PRELOAD");
	int result;

	for (size_t i = 0; i < sizeof stack; i += 1024)
		stack[i] = 0;
	close_page();
	if (preloaded != NULL && strstr(preloaded, "valgrind") != NULL) /* which needs memory itself */
		finish(SKIPPED);
	if (setrlimit(RLIMIT_AS, &none) != 0 ||
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		finish(SKIPPED);
	CALL(result = init(), "init()");
	if (result == 0)
		FAIL(row->demand, "init() returned 0, though the system has no memory left");
	COUNT("%d = init()", result);
}

static void smallest(void)
{
	for (int i = 0; i < UNITS; i++)
		request(UNIT);
	request(UNIT);
}

static void smallest_again(void)
{
	smallest();
	for (int i = 0; i < UNITS; i++)
		give(trial->page + i * 201 % UNITS * UNIT);
	smallest();
}

/* A chunk of 16 bytes among 255 of 8 bytes, all free: at the start, in the middle or at the end, freed first or last. */
static void one_of_many(void)
{
	enum { SMALL = 510 };

	for (int variant = 0; variant < 6; variant++) {
		int large = variant / 2 * (SMALL / 2);
		char *chunks[SMALL + 1];

		for (int i = 0; i <= SMALL; i++)
			chunks[i] = request(i == large ? 2 * UNIT : UNIT);
		if (variant % 2 == 0)
			give(chunks[large]);
		for (int i = 1; i <= SMALL; i += 2)
			give(chunks[i > large ? i : i - 1]); /* every other small one */
		if (variant % 2 == 1)
			give(chunks[large]);
		request(2 * UNIT);
		close_page();
		open_page();
	}
}

/* The upper half of the linear congruential generator of Knuth's MMIX. */
static int random_below(int limit)
{
	static uint64_t state = 20240229;

	state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((state >> 33) % (unsigned)limit);
}

/* Frees the first chunk in use from a random unit on, if there is one. */
static void random_give(void)
{
	int unit = random_below(UNITS);

	for (int i = 0; i < UNITS && (trial->owner[unit] == 0 || !trial->cut[unit]); i++)
		unit = (unit + 1) % UNITS;
	if (trial->owner[unit] != 0)
		give(trial->page + unit * UNIT);
}

/* Chunks of up to so many units, and so many requests in a hundred calls; every few hundred calls have another mix. */
static void random_calls(int calls, int most, int percent)
{
	static const int units[] = { 1, 2, 3, 8, 40, UNITS }, percents[] = { 5, 45, 50, 55, 70, 98 };
	static const int refused[] = { 12, 1, -12, 4095, 4100, 4104, 65544, 524296, 2147483640 };

	for (int i = 0; i < calls; i++) {
		if (random_below(600) == 0) {
			most = units[random_below(6)];
			percent = percents[random_below(6)];
		}
		if (random_below(100) >= percent)
			random_give();
		else if (random_below(8) > 0)
			request((1 + random_below(most)) * UNIT);
		else if (random_below(3) == 0)
			request(refused[random_below(sizeof refused / sizeof *refused)]);
		else if (random_below(2) == 0)
			request(longest(RUN) + UNIT);
		else if (longest(PIECE) > 0)
			request(longest(PIECE));
	}
}

static void one_long_life(void)
{
	random_calls(230000, 8, 70); /* hands out more than 65536 chunks */
	take_all();
	for_each_chunk(give);
	take_all();
}

static void many_lives(void)
{
	for (int life = 0; life < 2000; life++) {
		if (life % 2 == 0)
			request((UNITS - 3 - random_below(8)) * UNIT); /* the others have little room, and meet often */
		random_calls(life % 50 == 1 ? 1000 : 40, 3, 50);
		if (life % 4 < 2)
			take_all(); /* otherwise free chunks of all sorts are left to the next life */
		close_page();
		open_page();
	}
}

/*
 * The steps: A64 takes a chunk of 64 bytes, called A, and -A frees it; !64 is a request that is
 * too much for what is free, or no multiple of 8; ] is cleanup(), [ is init(), ? is a look at
 * whether the page is gone. So that no line accuses the wrong demand, a row is tried only if the
 * nearest one above it that has less depth is met.
 */
static const struct row rows[] = {
	{ 0, "init() gets a page and returns 0", "", NULL },
	{ 1, "alloc() hands out a chunk", "A64", NULL },
	{ 2, MULTIPLE, "!12 !10 !9 !4 !1 !100 !4095 !4097 !4100 !-12", NULL },
	{ 2, CLOSES, "A64 -A ]", NULL },
	{ 3, "cleanup() gives the page back with munmap", "A64 -A ] ? [ B64 ] ?", NULL },
	{ 4, "init() fails if mmap does", "", no_memory },
	{ 2, "all 4096 bytes can be had as one chunk", "A4096", NULL },
	{ 3, "what a request leaves of the page stays available", "A64 B8 C1024 D3000 !8", NULL },
	{ 4, KEEPS, "A64 B8 C2048 D16 E8 F1952", NULL },
	{ 3, "a request that is refused changes nothing", "!8192 !12 !4104 A4096 !8 !12", NULL },
	{ 3, "a freed chunk serves a smaller request", "A4096 -A B8 !4096", NULL },
	{ 4, "dealloc() frees the whole chunk", "A4096 -A B4096 -B C4096 !8", NULL },
	{ 5, "what a smaller request leaves of a freed chunk stays available", "A4096 -A B1024 C2048 D1024 !8", NULL },
	{ 6, "all 4096 bytes can be had in mixed sizes", "A8 B1024 C16 D2048 E24 F40 G512 H104 I320 !8", NULL },
	{ 7, ROOM, "!4104 !65544 !524296 !2147483640 A8 !2147483640 B4072 !24 !65544 !524296 C16 !8 !16 !4096 !4104", NULL },
	{ 7, "a freed chunk among chunks in use serves a smaller request", "A512 B512 C3072 -B D64", NULL },
	{ 8, "what a smaller request leaves of a freed chunk among chunks in use stays available",
	     "A512 B512 C3072 -B D64 E8 F440 !8 -A G504 H8 !8", NULL },
	{ 9, "dealloc() frees no other chunk", "A512 B512 C512 D512 E512 F512 G512 H512 "
	     "-A I128 J256 K128 !8 -D L256 M256 !8 -H N128 O384 !8", NULL },
	{ 9, FOUND, "A32 B512 C64 D512 E128 F512 G256 H2080 "
	     "-A -C -E -G I256 J128 K64 L32 !8 -I -J -K -L M256 N128 O64 P32 !8", NULL },
	{ 9, "chunks freed side by side can all be had again", "A512 B512 C512 D512 E512 F1536 "
	     "-B -C -D G512 H512 I512 !8 -G -I -H J512 K512 L512 !8 -L -K -J M512 N512 O512 !8", NULL },
	{ 9, AGAIN, "A1000 B64 C8 D16 -A -C ] [ E4096 !8 -E ] [ F4096 !8", NULL },
	{ 10, "all 4096 bytes can be had as 512 chunks of 8", "", smallest },
	{ 11, "512 chunks that are freed can all be had again", "", smallest_again },
	{ 11, "a free chunk is found among hundreds", "", one_of_many },
	{ AFTER_ALL, "every free chunk is found and nothing is lost in one long life", "", one_long_life },
	{ AFTER_ALL, "every free chunk is found and nothing is lost in 2000 lives", "", many_lives },
};
enum { ROWS = sizeof rows / sizeof *rows };

/* Tries the demand of `row` in this process, and ends this. */
static void try_row(void)
{
	char *chunks['Z' - 'A' + 1] = { NULL };

	tester = getpid();
	open_page();
	for (const char *step = row->steps; *step != '\0'; step += strcspn(step, " "), step += strspn(step, " ")) {
		if (*step == '-')
			give(chunks[step[1] - 'A']);
		else if (*step == '[')
			open_page();
		else if (*step == ']')
			close_page();
		else if (*step == '?')
			check_gone();
		else if (*step == '!')
			request(atoi(step + 1));
		else
			chunks[*step - 'A'] = request(atoi(step + 1));
	}
	if (row->test != NULL)
		row->test();
	for_each_chunk(check_contents);
	finish(MET);
}

static volatile pid_t watched; /* a process that leads a group of its own, or 0 */
static int nowhere;            /* /dev/null */

static void kill_watched(void)
{
	kill(watched, SIGKILL);
	kill(-watched, SIGKILL); /* and what it forked */
}

static void stop(int signal_number)
{
	if (watched > 0)
		kill_watched();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* What a solution prints goes nowhere, a crash leaves no file, files are as few as usual, and only root can fork. */
static void confine(void)
{
	struct rlimit none = { 0, 0 }, few = { 1024, 1024 };

	for (int stream = 0; stream <= STDERR_FILENO; stream++)
		dup2(nowhere, stream);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	setrlimit(RLIMIT_NOFILE, &few);
}

/* A trial has not come to its end: its process hangs, or has this status, as waitpid() gives it. */
static void explain_end(bool hangs, int status)
{
	static const char *const names[] = { [SIGSEGV] = "SIGSEGV", [SIGBUS] = "SIGBUS", [SIGABRT] = "SIGABRT",
		[SIGFPE] = "SIGFPE", [SIGILL] = "SIGILL", [SIGTRAP] = "SIGTRAP", [SIGKILL] = "SIGKILL",
		[SIGTERM] = "SIGTERM", [SIGALRM] = "SIGALRM", [SIGPIPE] = "SIGPIPE" };
	const char *what = UNDER_WAY[0] != '\0' ? UNDER_WAY : "the solution";
	size_t killer = WIFSIGNALED(status) ? (size_t)WTERMSIG(status) : 0;

	trial->outcome = UNMET;
	trial->unmet = hangs ? RETURNS : trial->touches ? KEEPS : GOES_ON;
	if (hangs)
		PRINT_INTO(trial->came, "%s does not return in time", what);
	else if (killer == 0)
		PRINT_INTO(trial->came, "%s ends the program with status %d", what, WEXITSTATUS(status));
	else
		PRINT_INTO(trial->came, "%s crashes (%s)", what, killer < sizeof names / sizeof *names && names[killer] != NULL ?
		           names[killer] : strsignal((int)killer));
}

/* At the end of this process: a solution that ends it early must not look like one that passes. */
static void check_end(void)
{
	if (trial->outcome != NONE || getpid() != tester)
		return;
	trial->unmet = GOES_ON;
	PRINT_INTO(trial->came, "%s ends the program", UNDER_WAY);
	print_outcome(UNMET);
	fflush(stdout);
	_exit(EXIT_FAILURE);
}

/* Tries the demand of `row` in a process of its own, whatever that does. */
static void watch_row(void)
{
	const struct timespec millisecond = { 0, 1000000 };
	long calls = 0;
	siginfo_t over;
	int status, stalled = 0;

	memset(trial, 0, sizeof *trial);
	watched = fork();
	if (watched < 0) {
		perror("test_alloc2: fork");
		exit(2);
	}
	if (watched == 0) {
		setpgid(0, 0);
		confine();
		try_row();
	}
	setpgid(watched, watched);
	over.si_pid = 0;
	for (int time = 0; over.si_pid == 0 && stalled < STALL && time < MOST_TIME; time++) {
		nanosleep(&millisecond, NULL);
		stalled = trial->calls == calls ? stalled + 1 : 0;
		calls = trial->calls;
		waitid(P_PID, (id_t)watched, &over, WEXITED | WNOHANG | WNOWAIT);
	}
	kill_watched();
	waitpid(watched, &status, 0);
	watched = 0;
	if (over.si_pid == 0 && stalled < STALL)
		trial->outcome = SKIPPED;
	else if (trial->outcome == NONE || status != 0)
		explain_end(over.si_pid == 0, status);
}

/* The trial lies between guards, so that a solution which writes past its page does not reach it. */
static void prepare(void)
{
	char *memory = mmap(NULL, 3 * GUARD, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	nowhere = open("/dev/null", O_RDWR);
	if (memory == MAP_FAILED || mprotect(memory + GUARD, GUARD, PROT_READ | PROT_WRITE) != 0 || nowhere < 0) {
		perror("test_alloc2");
		exit(2);
	}
	trial = (struct trial *)(void *)(memory + GUARD);
}

/* At most two demands are reported that are not met, and each only once. */
static void watch_all(int counts[])
{
	const char *first = NULL;
	int first_number = 0, unmet_depth = AFTER_ALL;

	for (number = 1, row = rows; number <= ROWS; number++, row++) {
		enum outcome outcome = SKIPPED;

		if (row->depth <= unmet_depth && counts[UNMET] < (row->depth < AFTER_ALL ? 2 : 1)) {
			watch_row();
			outcome = trial->outcome;
			unmet_depth = AFTER_ALL;
		}
		if (outcome == UNMET) {
			unmet_depth = trial->unmet == RETURNS ? -1 : row->depth;
			if (first == NULL) {
				first = trial->unmet;
				first_number = number;
			} else if (first == trial->unmet) {
				outcome = SKIPPED;
			}
		}
		counts[outcome]++;
		print_outcome(outcome);
	}
	if (first != NULL)
		printf("first demand that is not met: %d: %s\n", first_number, first);
}

int main(int argc, char **argv)
{
	static const int stops[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	int counts[SKIPPED + 1] = { 0 };

	setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* nothing is left that a child would print again */
	prepare();
	if (argc > 1) {
		char *rest;
		long wanted = strtol(argv[1], &rest, 10);

		if (argc > 2 || rest == argv[1] || *rest != '\0' || wanted < 1 || wanted > ROWS) {
			fprintf(stderr, "usage: test_alloc2 [N]\n"
			        "  N  tries only demand N, 1 to %d, in this process, and prints each call and the page after it;\n"
			        "     a debugger can break at alloc, at dealloc, and at finish, where the demand is met or not\n", ROWS);
			return 2;
		}
		talks = true;
		atexit(check_end);
		number = (int)wanted;
		row = &rows[number - 1];
		printf("%d: %s\n", number, row->demand);
		try_row();
	}
	signal(SIGCHLD, SIG_DFL); /* if it is ignored, waitpid() finds no child */
	for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
		if (signal(stops[i], SIG_IGN) != SIG_IGN) /* as under nohup */
			signal(stops[i], stop);
	watch_all(counts);
	printf("%d passed, %d failed", counts[MET], counts[UNMET]);
	if (counts[SKIPPED] > 0)
		printf(", %d skipped", counts[SKIPPED]);
	putchar('\n');
	_exit(counts[UNMET] > 0 || is_output_lost()); /* without what the solution may do at an exit() */
}
