#include "phyllo/sim/topology.hpp"

#include <cmath>
#include <cstdlib>

namespace phyllo::sim {
namespace {

using namespace std::chrono_literals;

// A host's own number, drawn from the seed: hosts need not be announced, and take no memory (splitmix64).
std::uint64_t draw(std::uint64_t seed, std::uint64_t host, std::uint64_t which) {
  auto z = seed + 0x9e3779b97f4a7c15 * (host * 4 + which + 1);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

double fraction(std::uint64_t seed, std::uint64_t host, std::uint64_t which) {
  return static_cast<double>(draw(seed, host, which) >> 11) * 0x1p-53;
}

class flat final : public topology {
 public:
  explicit flat(core::duration d) : delay_(d) {}
  [[nodiscard]] core::duration one_way(unsigned, unsigned) const override { return delay_; }

 private:
  core::duration delay_;
};

class plane final : public topology {
 public:
  plane(std::uint64_t seed, core::duration side) : seed_(seed), side_(static_cast<double>(side.count())) {}
  [[nodiscard]] core::duration one_way(unsigned a, unsigned b) const override {
    const auto x = fraction(seed_, a, 0) - fraction(seed_, b, 0);
    const auto y = fraction(seed_, a, 1) - fraction(seed_, b, 1);
    return core::duration(static_cast<core::duration::rep>(side_ * std::sqrt(x * x + y * y)));
  }

 private:
  std::uint64_t seed_;
  double side_;
};

class transit_stub final : public topology {
 public:
  explicit transit_stub(std::uint64_t seed) : seed_(seed) {}
  [[nodiscard]] core::duration one_way(unsigned a, unsigned b) const override {
    const auto from = router(a);
    const auto to = router(b);
    if (from == to) return 2 * local;
    const auto stub = [](std::uint64_t r) { return r / stub_routers; };
    if (stub(from) == stub(to)) return 2 * local + in_stub(from) + in_stub(to);
    const auto transit = [](std::uint64_t r) { return r / stub_routers / stubs; };
    return 2 * local + in_stub(from) + in_stub(to) + up(stub(from)) + up(stub(to)) + between(transit(from), transit(to));
  }

 private:
  static constexpr std::uint64_t domains = 10, transit_routers = 5, stubs = 10, stub_routers = 10;
  static constexpr core::duration local = 1ms;
  // Streams of numbers apart from the hosts'.
  static constexpr std::uint64_t stub_stream = 1ull << 32, up_stream = 2ull << 32, transit_stream = 3ull << 32;

  [[nodiscard]] std::uint64_t router(unsigned host) const {
    return draw(seed_, host, 0) % (domains * transit_routers * stubs * stub_routers);
  }
  [[nodiscard]] core::duration spread(std::uint64_t stream, core::duration low, core::duration high) const {
    return low + core::duration(static_cast<core::duration::rep>(fraction(seed_, stream, 0) * static_cast<double>((high - low).count())));
  }
  [[nodiscard]] core::duration in_stub(std::uint64_t r) const { return spread(stub_stream + r, 1ms, 4ms); }
  [[nodiscard]] core::duration up(std::uint64_t stub) const { return spread(up_stream + stub, 5ms, 15ms); }
  [[nodiscard]] core::duration between(std::uint64_t a, std::uint64_t b) const {
    if (a == b) return 0ms;
    if (a / transit_routers == b / transit_routers) return 8ms;
    const auto x = fraction(seed_, transit_stream + a / transit_routers, 0) - fraction(seed_, transit_stream + b / transit_routers, 0);
    const auto y = fraction(seed_, transit_stream + a / transit_routers, 1) - fraction(seed_, transit_stream + b / transit_routers, 1);
    return 10ms + std::chrono::duration_cast<core::duration>(std::chrono::duration<double, std::milli>(100 * std::sqrt(x * x + y * y)));
  }

  std::uint64_t seed_;
};

}  // namespace

std::unique_ptr<topology> make_flat(core::duration one_way) { return std::make_unique<flat>(one_way); }
std::unique_ptr<topology> make_plane(std::uint64_t seed, core::duration side) { return std::make_unique<plane>(seed, side); }
std::unique_ptr<topology> make_transit_stub(std::uint64_t seed) { return std::make_unique<transit_stub>(seed); }

}  // namespace phyllo::sim
