/* Faults of the kinds that other allocators shipped: mappings, first calls, forks, thread locals. */
#define _GNU_SOURCE
#include "check.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What follows the section's name and its number. */
static const char *argument;

static void *fill(void *block, size_t size) {
    if (block)
        memset(block, (int)size, size);
    return block;
}

static int is_filled(const unsigned char *block, size_t size) {
    return block[0] == (unsigned char)size && block[size - 1] == (unsigned char)size;
}

/* Lines of a file of /proc. */
static int lines(const char *path) {
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    int n = 0;
    while (file && fgets(text, sizeof text, file))
        n++;
    if (file)
        fclose(file);
    return n;
}

enum { PHASES = 20, BLOCKS = 300 };

/* Of each phase's blocks every second one stays, until long after the others were purged. */
static void test_maps(void) {
    static void *kept[PHASES][BLOCKS / 2];
    int most = atoi(argument), before = lines("/proc/self/maps");
    for (int phase = 0; phase < PHASES; phase++) {
        void *freed[BLOCKS / 2];
        for (int i = 0; i < BLOCKS; i++) {
            size_t size = (64 + (i * 37 + phase * 11) % 960) << 10;
            unsigned char *block = malloc(size);
            CHECK(block);
            block[0] = block[size - 1] = 1;
            *(i % 2 ? &freed[i / 2] : &kept[phase][i / 2]) = block;
        }
        for (int i = 0; i < BLOCKS / 2; i++)
            free(freed[i]);
    }
    for (int i = 0; i < 15; i++) {
        usleep(100000);
        for (int j = 0; j < 2000; j++)
            free(fill(malloc(100), 100));
    }
    int n = lines("/proc/self/maps") - before;
    if (n > most)
        fprintf(stderr, "%d mappings\n", n);
    CHECK(n <= most);
    for (int phase = 0; phase < PHASES; phase++)
        for (int i = 0; i < BLOCKS / 2; i++)
            free(kept[phase][i]);
}

/* Pages with rights by turns, each a mapping that the kernel cannot merge, until it refuses. */
static char *take_all_mappings(size_t len) {
    char *pages = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(pages != MAP_FAILED);
    for (size_t at = 0; at < len; at += 8192)
        if (mprotect(pages + at, 4096, PROT_READ) != 0)
            return pages;
    return NULL;
}

/* What is had without another mapping serves on; what needs one is null. */
static void test_map_limit(void) {
    enum { N = 30 };
    static const size_t sizes[] = {24, 1000, 5000, 40 << 10, 200 << 10, 1 << 20, 40 << 20};
    static void *blocks[sizeof sizes / sizeof *sizes][N];
    size_t len = 4096 * (size_t)times;
    free(fill(malloc(5000), 5000));
    char *pages = take_all_mappings(len);
    CHECK(pages);
    int served = 0;
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        size_t size = sizes[s];
        for (int i = 0; i < N; i++) {
            blocks[s][i] = size < 40 << 20 ? fill(malloc(size), size) : malloc(size);
            served += blocks[s][i] != NULL;
        }
    }
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        for (int i = 0; i < N; i++) {
            size_t size = sizes[s];
            void *grown = blocks[s][i] ? realloc(blocks[s][i], 2 * size) : NULL;
            if (grown)
                blocks[s][i] = grown;
            CHECK(!blocks[s][i] || size == 40 << 20 || *(unsigned char *)blocks[s][i] == (unsigned char)size);
            free(blocks[s][i]);
        }
    }
    munmap(pages, len);
    CHECK(served > 4 * N);
    void *after = fill(malloc(100 << 20), 100 << 20);
    CHECK(after);
    free(after);
}

static void *blocks_of_main[5];

/* A thread whose first call is one that is about another thread's block. */
static void *first_call(void *which) {
    size_t call = (size_t)which;
    unsigned char *block = blocks_of_main[call];
    switch (call) {
    case 0:
        block = realloc(block, 5000);
        CHECK(block && block[0] == 100);
        break;
    case 1:
        free(block);
        block = malloc(10);
        break;
    case 2:
        CHECK(malloc_usable_size(block) >= 100);
        break;
    case 3:
        free(block);
        block = calloc(100, 10);
        CHECK(block && !block[0] && !block[999]);
        break;
    default:
        free(block);
        block = aligned_alloc(4096, 8192);
        CHECK(block && (uintptr_t)block % 4096 == 0);
    }
    return block;
}

static void test_first_call(void) {
    for (int i = 0; i < times; i++) {
        for (size_t call = 0; call < 5; call++) {
            pthread_t thread;
            void *block = NULL;
            blocks_of_main[call] = fill(malloc(100), 100);
            CHECK(pthread_create(&thread, NULL, first_call, (void *)call) == 0);
            CHECK(pthread_join(thread, &block) == 0 && block);
            free(block);
        }
    }
}

/* Small blocks of large alignment, freed with all that C23 lets one say. */
static void test_sized(void) {
    void (*free_sized_)(void *, size_t);
    void (*free_aligned_sized_)(void *, size_t, size_t);
    *(void **)&free_sized_ = dlsym(RTLD_DEFAULT, "free_sized");
    *(void **)&free_aligned_sized_ = dlsym(RTLD_DEFAULT, "free_aligned_sized");
    CHECK(free_sized_ && free_aligned_sized_);
    for (size_t size = 1; size <= 1024; size += times) {
        free_sized_(fill(malloc(size), size), size);
        for (size_t align = 16; align <= 1 << 20; align *= 2) {
            unsigned char *block = fill(aligned_alloc(align, size), size);
            unsigned char *other = fill(aligned_alloc(align, size), size);
            CHECK(block && other && (uintptr_t)block % align == 0 && (uintptr_t)other % align == 0);
            free_aligned_sized_(block, align, size);
            CHECK(is_filled(other, size));
            free(other);
        }
    }
}

static pthread_barrier_t barrier;

/* A thread's first request, and more, until a fork that comes at any time. */
static void *forks_early(void *number) {
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 50 * (int)(size_t)number; i++)
        free(fill(malloc(1 + i), 1 + i));
    pid_t child = fork();
    if (child == 0) {
        alarm(20);
        for (size_t i = 1; i < 300; i++)
            free(fill(malloc(i * 7), i * 7));
        _exit(failures != 0);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    return NULL;
}

static void test_fresh_fork(void) {
    pthread_t threads[3];
    alarm(60);
    pthread_barrier_init(&barrier, NULL, 3);
    for (size_t i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, forks_early, (void *)i) == 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}

/* What a child is handed by its parent beside memory. */
struct state {
    sigset_t mask;
    struct rlimit limits[RLIM_NLIMITS];
    void (*handlers[32])(int);
    int huge_pages, dumpable, death_signal, descriptors[64];
};

static void look(struct state *state) {
    memset(state, 0, sizeof *state);
    pthread_sigmask(SIG_SETMASK, NULL, &state->mask);
    for (int i = 0; i < RLIM_NLIMITS; i++)
        getrlimit(i, &state->limits[i]);
    for (int i = 1; i < 32; i++) {
        struct sigaction action;
        /* The hardened mode handles faults from its first guarded block on. */
        if (i != SIGSEGV && sigaction(i, NULL, &action) == 0)
            state->handlers[i] = action.sa_handler;
    }
    state->huge_pages = prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0);
    state->dumpable = prctl(PR_GET_DUMPABLE);
    prctl(PR_GET_PDEATHSIG, &state->death_signal);
    for (int i = 0; i < 64; i++)
        state->descriptors[i] = fcntl(i, F_GETFD);
}

static void test_inherited(void) {
    static struct state before, after;
    look(&before);
    for (size_t size = 1; size < 3000000; size += size / 4 + 1)
        free(fill(malloc(size), size));
    pid_t child = fork();
    if (child == 0) {
        look(&after);
        _exit(memcmp(&before, &after, sizeof before) != 0);
    }
    int status = -1;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
}

static char *(*touch)(void);

static void *touch_thread_local(void *unused) {
    (void)unused;
    free(fill(malloc(100), 100));
    touch()[1000000] = 1;
    return NULL;
}

/* Of this program alone: `ru_maxrss` counts what its parent had, too. */
static long peak_resident_kib(void) {
    char line[256];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        sscanf(line, "VmHWM: %ld", &kib);
    if (status)
        fclose(status);
    return kib;
}

/* The C library frees a thread's dynamic thread locals after its destructors ran. */
static void test_thread_locals(void) {
    void *library = dlopen(argument, RTLD_NOW);
    CHECK(library);
    *(void **)&touch = dlsym(library, "touch");
    for (int i = 0; i < times; i++) {
        pthread_t thread;
        CHECK(pthread_create(&thread, NULL, touch_thread_local, NULL) == 0);
        pthread_join(thread, NULL);
        mallinfo2();
    }
    /* One MiB of them is touched, in full if they are cleared. */
    CHECK(peak_resident_kib() < 24 << 10);
}

/* The plug-in has a C library's `malloc` of its own choice: what it gets there it frees there. */
static void *use_deep_plugin(void *unused) {
    (void)unused;
    void *library = dlopen(argument, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    CHECK(library);
    int (*works)(void);
    *(void **)&works = dlsym(library, "deep_plugin_works");
    CHECK(works && works());
    free(fill(malloc(100), 100));
    dlclose(library);
    return NULL;
}

static void test_deepbind(void) {
    pthread_t threads[4];
    for (int round = 0; round < times; round++) {
        for (int i = 0; i < 4; i++)
            CHECK(pthread_create(&threads[i], NULL, use_deep_plugin, NULL) == 0);
        for (int i = 0; i < 4; i++)
            pthread_join(threads[i], NULL);
    }
}

int main(int argc, char **argv) {
    static const struct section sections[] = {
        {"maps", test_maps},
        {"map-limit", test_map_limit},
        {"first-call", test_first_call},
        {"sized", test_sized},
        {"fresh-fork", test_fresh_fork},
        {"inherited", test_inherited},
        {"thread-locals", test_thread_locals},
        {"deepbind", test_deepbind},
        {NULL, NULL},
    };
    argument = argc > 3 ? argv[3] : "";
    return run_section(sections, argc, argv);
}
