// Maps, lists and strings under the operators new and delete. The argument is how many steps to do.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

static std::uint64_t state = 1;

static unsigned below(unsigned end) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<unsigned>((state >> 33) % end);
}

struct Shape {
    virtual ~Shape() = default;
    virtual unsigned area() const = 0;
};

struct Square : Shape {
    unsigned side = below(100);
    unsigned area() const override { return side * side; }
};

struct Polygon : Shape {
    std::vector<unsigned> corners;
    std::string name = std::string(3 + below(60), 'p');
    Polygon() {
        for (unsigned n = 3 + below(20); n > 0; --n) corners.push_back(below(100));
    }
    unsigned area() const override {
        unsigned sum = static_cast<unsigned>(name.size());
        for (unsigned corner : corners) sum += corner;
        return sum;
    }
};

int main(int, char **arguments) {
    const unsigned n = static_cast<unsigned>(std::atoi(arguments[1]));
    std::map<unsigned, std::string> sorted;
    std::unordered_map<std::string, unsigned> counts;
    std::list<std::unique_ptr<Shape>> shapes;
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < n; ++i) {
        sorted[below(50000)] = std::string(below(80), 'x');
        if (sorted.size() > 20000) sorted.erase(sorted.begin());
        counts["word-" + std::to_string(below(30000)) + std::string(below(24), 'y')] += 1;
        if (counts.size() > 20000) counts.clear();
        if (below(2) == 0) {
            shapes.push_back(std::make_unique<Square>());
        } else {
            shapes.push_back(std::make_unique<Polygon>());
        }
        if (shapes.size() > 30000) {
            sum += shapes.front()->area();
            shapes.pop_front();
        }
    }
    for (const auto &[key, text] : sorted) sum += key * text.size();
    std::printf("%llu %zu %zu\n", static_cast<unsigned long long>(sum), counts.size(), shapes.size());
}
