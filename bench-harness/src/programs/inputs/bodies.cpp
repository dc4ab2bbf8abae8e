// Bodies that attract each other, by a tree of their places that is built anew in each step (Barnes and
// Hut 1986). The arguments are how many bodies there are, and how many steps.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

using Vector = std::array<double, 3>;

struct Body {
    Vector place, speed, force;
    double mass;
};

// A cube of space: empty, with one body, or with eight cubes in it.
struct Node {
    Vector center;
    double half, mass = 0;
    Vector weighted{};
    const Body *body = nullptr;
    bool is_split = false;
    std::unique_ptr<Node> parts[8];

    Node(const Vector &center, double half) : center(center), half(half) {}

    void add(const Body &other, int depth) {
        if (mass == 0 || depth == 40) {
            body = &other;
        } else {
            if (!is_split) {
                is_split = true;
                part(*body).add(*body, depth + 1);
            }
            part(other).add(other, depth + 1);
        }
        mass += other.mass;
        for (int i = 0; i < 3; ++i) weighted[i] += other.mass * other.place[i];
    }

    Node &part(const Body &other) {
        int index = 0;
        Vector middle = center;
        for (int i = 0; i < 3; ++i) {
            bool is_above = other.place[i] >= center[i];
            index |= is_above << i;
            middle[i] += is_above ? half / 2 : -half / 2;
        }
        if (!parts[index]) parts[index] = std::make_unique<Node>(middle, half / 2);
        return *parts[index];
    }

    void attract(Body &other) const {
        Vector away;
        double squared = 1e-4;
        for (int i = 0; i < 3; ++i) {
            away[i] = weighted[i] / mass - other.place[i];
            squared += away[i] * away[i];
        }
        if (is_split && 4 * half * half > 2.25 * squared) {
            for (const auto &part : parts)
                if (part) part->attract(other);
            return;
        }
        double pull = mass / (squared * std::sqrt(squared));
        for (int i = 0; i < 3; ++i) other.force[i] += pull * away[i];
    }
};

static std::uint64_t state = 1;

static double random_number() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(state >> 40) / (1 << 24);
}

int main(int, char **arguments) {
    std::vector<Body> bodies(static_cast<std::size_t>(std::atoi(arguments[1])));
    for (Body &body : bodies) {
        for (double &number : body.place) number = random_number();
        for (double &number : body.speed) number = random_number() - 0.5;
        body.mass = 1.0 / static_cast<double>(bodies.size());
    }
    for (int step = std::atoi(arguments[2]); step > 0; --step) {
        Node root({0.5, 0.5, 0.5}, 4);
        for (const Body &body : bodies) root.add(body, 0);
        for (Body &body : bodies) {
            body.force = {};
            root.attract(body);
        }
        for (Body &body : bodies) {
            for (int i = 0; i < 3; ++i) {
                body.speed[i] += 1e-3 * body.force[i];
                body.place[i] += 1e-3 * body.speed[i];
            }
        }
    }
    Vector sum{};
    for (const Body &body : bodies)
        for (int i = 0; i < 3; ++i) sum[i] += body.place[i] * body.mass;
    std::printf("%.9f %.9f %.9f\n", sum[0], sum[1], sum[2]);
}
