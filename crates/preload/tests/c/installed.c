/* A program that is linked with the installed library and knows it by its header. */
#include <malloc_ladder.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECK(what)                                                     \
    do {                                                                \
        if (!(what)) {                                                  \
            fprintf(stderr, "line %d: not so: %s\n", __LINE__, #what);  \
            return 1;                                                   \
        }                                                               \
    } while (0)

int main(int argc, char **argv) {
    CHECK(argc == 2);
    CHECK(malloc_ladder_profile_dump(argv[1]) == -1);
    CHECK(malloc_ladder_profile_start(1) == 0);
    char *kept = malloc(1000);
    free_sized(malloc(100), 100);
    free_aligned_sized(aligned_alloc(64, 128), 64, 128);
    malloc_ladder_profile_stop();
    CHECK(malloc_ladder_profile_dump(argv[1]) == 0);
    CHECK(malloc_ladder_profile_dump("/nowhere/x") == -1);
    CHECK(malloc_ladder_profile_dump(NULL) == -1);
    malloc_ladder_stats(STDOUT_FILENO, 1);
    malloc_ladder_stats(STDERR_FILENO, 0);
    free(kept);
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    malloc_trim(0);
    CHECK(mallinfo2().uordblks > 0);
    FILE *nowhere = fopen("/dev/null", "w");
    CHECK(nowhere && malloc_info(0, nowhere) == 0 && fclose(nowhere) == 0);
    return 0;
}
