/* Threads, forks, plug-ins and ends: where an allocator of a whole process is called from. */
#define _GNU_SOURCE
#include "check.h"

#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void use(unsigned seed, int n) {
    for (int i = 0; i < n; i++) {
        size_t size = 1 + (seed = seed * 1103515245 + 12345) % (i % 50 ? 800 : 300000);
        unsigned char *p = malloc(size);
        CHECK(p);
        p[0] = p[size - 1] = (unsigned char)i;
        p = realloc(p, size * 2);
        CHECK(p && p[0] == (unsigned char)i && p[size - 1] == (unsigned char)i);
        free(p);
    }
}

static atomic_int stop;

static void *until_stopped(void *seed) {
    while (!stop)
        use((unsigned)(size_t)seed, 100);
    return NULL;
}

/* POSIX asks for less after fork in a program with threads; every libc gives more, and programs
   count on it: the child can allocate at once. */
static void test_fork(void) {
    pthread_t threads[3];
    alarm(120);
    for (size_t i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, until_stopped, (void *)(i + 1)) == 0);
    for (int i = 0; i < times; i++) {
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            use(i, 200);
            _exit(failures != 0);
        }
        int status = -1;
        CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
        if (failures)
            break;
    }
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static void *flush_files(void *unused) {
    while (!stop)
        fflush(NULL);
    return unused;
}

static void *read_lines(void *unused) {
    FILE *file = tmpfile();
    CHECK(file);
    for (int i = 0; file && i < 600000; i++)
        fputc(i % 3000 ? 'x' : '\n', file);
    while (file && !stop) {
        char *line = NULL;
        size_t size = 0;
        rewind(file);
        while (getline(&line, &size, file) > 0) {
            free(line);
            line = NULL;
        }
        free(line);
    }
    return unused;
}

/* A file's lock is held by who reads lines from it, and allocates; the list's lock by who waits for
   the file; and fork takes the list's lock. */
static void test_fork_files(void) {
    pthread_t threads[3];
    alarm(60);
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, i ? read_lines : flush_files, NULL) == 0);
    for (int i = 0; i < times; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0) {
            alarm(20);
            use(i, 20);
            _exit(failures != 0 || fflush(NULL));
        }
        CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    }
    stop = 1;
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

static volatile sig_atomic_t n_forks, n_bad, is_child;

static void fork_here(int signal) {
    (void)signal;
    int before = errno, status = -1;
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        is_child = 1;
    } else if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        n_bad++;
    }
    n_forks++;
    errno = before;
}

/* Where there is one thread, a handler may fork whatever it interrupts, which goes on in the child too. */
static void test_fork_in_handler(void) {
    const struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
    static void *blocks[8];
    unsigned seed = 1;
    alarm(60);
    signal(SIGPROF, fork_here);
    setitimer(ITIMER_PROF, &often, NULL);
    for (unsigned i = 0; n_forks < times && !n_bad; i++) {
        if (is_child) {
            use(i, 50);
            _exit(failures != 0);
        }
        seed = seed * 1103515245 + 12345;
        free(blocks[i % 8]);
        blocks[i % 8] = malloc(33000 + seed % 1000000);
        CHECK(blocks[i % 8]);
    }
    if (is_child)
        _exit(0);
    setitimer(ITIMER_PROF, &never, NULL);
    CHECK(!n_bad);
}

static void *short_life(void *handed_over) {
    use((unsigned)(size_t)handed_over, 5);
    free(handed_over);
    return malloc(500);
}

static long peak(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* Blocks wander from thread to thread, and threads leave nothing behind. In the tiers of checking more freed blocks wait. */
static void test_churn(void) {
    long before = 0, most = getenv("MALLOC_LADDER_HARDENED") ? 8192 : 2048;
    for (int i = 0; i < times; i++) {
        pthread_t pair[2];
        if (i == times / 4)
            before = peak();
        for (int j = 0; j < 2; j++)
            CHECK(pthread_create(&pair[j], NULL, short_life, malloc(300)) == 0);
        for (int j = 0; j < 2; j++) {
            void *left = NULL;
            CHECK(pthread_join(pair[j], &left) == 0 && left);
            free(left);
        }
    }
    CHECK(peak() - before < most);
}

static pthread_key_t keys[3];
static atomic_int destroyed;

/* Allocates, frees what another destructor may have left, and comes again three times. */
static void destroy(void *value) {
    size_t round = *(size_t *)value;
    use((unsigned)round, 20);
    free(value);
    destroyed++;
    if (round < 3) {
        size_t *again = malloc(sizeof *again);
        *again = round + 1;
        pthread_setspecific(keys[round % 3], again);
    }
}

static void *with_keys(void *unused) {
    (void)unused;
    for (int i = 0; i < 3; i++) {
        size_t *value = calloc(1, sizeof *value);
        CHECK(value && pthread_setspecific(keys[i], value) == 0);
    }
    return NULL;
}

static void test_keys(void) {
    for (int i = 0; i < 3; i++)
        CHECK(pthread_key_create(&keys[i], destroy) == 0);
    for (int i = 0; i < times; i++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, with_keys, NULL) == 0);
        CHECK(pthread_join(thread, NULL) == 0);
    }
    CHECK(destroyed >= 3 * times);
}

static void *everything(void *unused) {
    (void)unused;
    use(1, 200);
    void *p = NULL;
    CHECK(posix_memalign(&p, 4096, 100) == 0);
    free(p);
    free(calloc(1000, 1000));
    CHECK(!malloc(PTRDIFF_MAX) && errno == ENOMEM);
    CHECK(mallinfo2().arena > 0);
    malloc_trim(0);
    return NULL;
}

/* The smallest stack that a thread can have is enough. */
static void test_small_stack(void) {
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    CHECK(pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN) == 0);
    CHECK(pthread_create(&thread, &attributes, everything, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
}

/* A child that shares the parent's memory until it becomes another program. */
static void test_vfork(void) {
    for (int i = 0; i < times; i++) {
        int status = -1;
        char *args[] = {"true", NULL};
        pid_t child = vfork();
        if (child == 0) {
            execvp(args[0], args);
            _exit(127);
        }
        CHECK(waitpid(child, &status, 0) == child && status == 0);
        use(i, 20);
        CHECK(posix_spawnp(&child, args[0], NULL, NULL, args, environ) == 0);
        CHECK(waitpid(child, &status, 0) == child && status == 0);
    }
}

/* A library that allocates as it comes and frees as it goes; the third argument names it. */
static const char *plugin;

static void test_plugin(void) {
    for (int i = 0; i < times; i++) {
        void *handle = dlopen(plugin, RTLD_NOW | RTLD_LOCAL);
        if (!handle)
            fprintf(stderr, "%s\n", dlerror());
        CHECK(handle);
        if (!handle)
            return;
        int (*works)(void);
        *(void **)&works = dlsym(handle, "plugin_works");
        CHECK(works && works());
        CHECK(dlclose(handle) == 0);
    }
}

static int ends[2];

/* Answers a constructor, but asks for memory first. */
static void *answer(void *unused) {
    char question;
    CHECK(read(ends[0], &question, 1) == 1);
    use(1, 100);
    CHECK(write(ends[0], "!", 1) == 1);
    return unused;
}

/* Constructors run with the dynamic linker's lock held: no request may wait for that. */
static void test_constructor_waits(void) {
    pthread_t thread;
    char file[16];
    alarm(30);
    CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
    snprintf(file, sizeof file, "%d", ends[1]);
    setenv("PROGRAM", file, 1);
    CHECK(pthread_create(&thread, NULL, answer, NULL) == 0);
    CHECK(dlopen(plugin, RTLD_NOW | RTLD_LOCAL));
    pthread_join(thread, NULL);
}

static void *map_and_unmap(void *unused) {
    while (!stop)
        free(malloc(40 << 20));
    return unused;
}

/* Between two looks of one report, other threads go on. */
static void test_reports(void) {
    pthread_t threads[2];
    FILE *nowhere = fopen("/dev/null", "w");
    CHECK(nowhere);
    for (int i = 0; i < 2; i++)
        CHECK(pthread_create(&threads[i], NULL, map_and_unmap, NULL) == 0);
    for (int i = 0; i < times; i++) {
        CHECK(mallinfo2().arena < SIZE_MAX / 2 && mallinfo2().uordblks < SIZE_MAX / 2);
        CHECK(malloc_info(0, nowhere) == 0);
    }
    stop = 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    fclose(nowhere);
}

/* Whether there are so many. */
static int bytes_left(size_t size) {
    void *p = malloc(size);
    free(p);
    return p != NULL;
}

/* Under a limit of address space, set before the start: null and ENOMEM, and what is freed can be had again. */
static void test_exhaustion(void) {
    static void **blocks;
    const size_t size = 1 << 20;
    int n = 0;
    for (;; n++) {
        errno = 4242;
        void **block = malloc(size);
        if (!block)
            break;
        CHECK(errno == 4242);
        *block = blocks;
        blocks = block;
    }
    CHECK(errno == ENOMEM && n > 50 && n < 600);
    CHECK(!malloc(size) && errno == ENOMEM);
    while (blocks) {
        void **block = blocks;
        blocks = *block;
        free(block);
    }
    if (times == 1)
        return;
    for (int i = 0; i < n; i++)
        CHECK(bytes_left(size));
    CHECK(bytes_left(20 * size));
    use(1, 1000);
}

static int nothing_is_left;

/* Small blocks until nothing is left: stderr is told, the program goes on. */
static void test_crumbs(void) {
    long n = 0;
    while (malloc(100))
        n++;
    CHECK(errno == ENOMEM && n > 1000);
    CHECK(!malloc(100) && !malloc(200));
    nothing_is_left = 1;
}

static char *early, *late;

__attribute__((constructor)) static void before_main(void) {
    early = strdup("from before main");
}

__attribute__((destructor)) static void after_main(void) {
    if (!early || strcmp(early, "from before main") || !late || strcmp(late, "from an exit handler"))
        _exit(9);
    free(early), free(late);
    if (!nothing_is_left)
        use(3, 100);
    if (failures)
        _exit(8);
}

static void at_exit(void) {
    late = strdup("from an exit handler");
}

static void test_ends(void) {
    CHECK(early);
    atexit(at_exit);
}

static void test_leak(void) {
    for (int i = 0; i < times; i++)
        CHECK(malloc(100));
}

static void test_double_free(void) {
    char *p = malloc(100), *wall = malloc(100);
    free(p);
    free(p);
    free(wall);
}

/* No access faults here: somebody sends the signal. */
static void test_signalled(void) {
    free(malloc(10));
    raise(SIGSEGV);
    _exit(0);
}

static void test_foreign_free(void) {
    static _Alignas(16) char bytes[256];
    void *volatile p = bytes + 64;
    free(p);
}

int main(int argc, char **argv) {
    const struct section sections[] = {
        {"fork", test_fork},
        {"fork-files", test_fork_files},
        {"fork-in-handler", test_fork_in_handler},
        {"churn", test_churn},
        {"keys", test_keys},
        {"small-stack", test_small_stack},
        {"vfork", test_vfork},
        {"plugin", test_plugin},
        {"constructor-waits", test_constructor_waits},
        {"reports", test_reports},
        {"exhaustion", test_exhaustion},
        {"crumbs", test_crumbs},
        {"ends", test_ends},
        {"leak", test_leak},
        {"double-free", test_double_free},
        {"foreign-free", test_foreign_free},
        {"signalled", test_signalled},
        {0},
    };
    plugin = argc > 3 ? argv[3] : "";
    if (argc < 2 || strcmp(argv[1], "ends"))
        late = strdup("from an exit handler");
    return run_section(sections, argc, argv);
}
