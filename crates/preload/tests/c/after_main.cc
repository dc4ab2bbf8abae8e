// Nodes that are freed after `main` has returned: by destructors of statics and of thread locals, half
// of them those of threads that ended.
#include <cstdio>
#include <cstdlib>
#include <list>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

static const std::string TEXT = "a string that is too long to be stored in place";

using Nodes = std::list<std::string>;

static long page_faults() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

// Constructed first, so destroyed last.
static struct End {
    std::size_t n_freed = 0, n_nodes = 0;
    long before = 0;
    bool is_whole = true;

    void take(Nodes &nodes) {
        for (const std::string &node : nodes)
            is_whole = is_whole && node == TEXT;
        n_freed += nodes.size();
        nodes.clear();
    }

    ~End() {
        // The nodes are resident; what describes them is much less.
        long faults = page_faults() - before;
        if (is_whole && n_freed == n_nodes && faults < 500 + static_cast<long>(n_nodes / 200))
            puts("after main: as it should be");
        else
            fprintf(stderr, "%zu of %zu nodes freed, %ld page faults\n", n_freed, n_nodes, faults);
    }
} end;

struct Owner {
    Nodes nodes;
    ~Owner() { end.take(nodes); }
};

static Owner own;
static std::vector<Nodes> of_threads(4);
static struct OfThreads {
    ~OfThreads() {
        for (Nodes &nodes : of_threads)
            end.take(nodes);
    }
} of_threads_end;
static thread_local Owner local;

int main(int, char **argv) {
    std::size_t n = std::strtoul(argv[1], nullptr, 10) / 8;
    own.nodes.assign(2 * n, TEXT);
    local.nodes.assign(2 * n, TEXT);
    for (Nodes &nodes : of_threads)
        std::thread([&] { nodes.assign(n, TEXT); }).join();
    end.n_nodes = 8 * n;
    end.before = page_faults();
}
