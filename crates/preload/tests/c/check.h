/* What the test programs share: a check that says where it failed, and sections by name. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

/* stderr is not buffered, so that saying so allocates nothing. */
#define CHECK(what)                                                                     \
    do {                                                                                \
        if (!(what)) {                                                                  \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);          \
            failures++;                                                                 \
        }                                                                               \
    } while (0)

struct section {
    const char *name;
    void (*run)(void);
};

/* A test that runs on another allocator proves nothing. */
static void check_interposed(const char *symbol) {
    Dl_info info;
    void *place = dlsym(RTLD_DEFAULT, symbol);
    if (!place || !dladdr(place, &info) || !strstr(info.dli_fname, "libpreload")) {
        fprintf(stderr, "%s is not the preloaded one\n", symbol);
        exit(3);
    }
}

/* How often a section does what it does, where it matters: the second argument. */
static int times;

/* Runs the section that the first argument names. */
static int run_section(const struct section *sections, int argc, char **argv) {
    check_interposed("malloc");
    check_interposed("free");
    times = argc > 2 ? atoi(argv[2]) : 1;
    for (; argc > 1 && sections->name; sections++) {
        if (strcmp(sections->name, argv[1]) == 0) {
            sections->run();
            if (!failures)
                printf("%s: as it should be\n", argv[1]);
            return failures != 0;
        }
    }
    fprintf(stderr, "there is no such section\n");
    return 2;
}
