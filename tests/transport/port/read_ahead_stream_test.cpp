#include "transport/port/read_ahead_stream.hpp"

#include <doctest.h>

#include <array>

#include "memory_stream.hpp"
#include "support/simulated_world.hpp"

namespace read_ahead_stream_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

core::awaitable<void> read_pieces(core::environment& env, transport::stream& s, std::size_t size, std::vector<std::string>& out) {
  std::vector<std::uint8_t> buffer(size);
  while (true) {  // ends with the stream
    const auto n = co_await s.read(buffer, env.now() + 1s);
    if (!n) co_return;
    out.emplace_back(core::as_text(core::byte_view(buffer).first(*n)));
  }
}

}  // namespace

TEST_CASE("what was read ahead comes first and alone, then the rest") {
  for (const std::size_t size : {1UL, 3UL, 100UL}) {
    testing::simulated_world world;
    std::string written;
    auto rest = std::make_unique<testing::memory_stream>(world.env(), written);
    rest->incoming.push("rest");
    rest->incoming.close();
    transport::read_ahead_stream s(std::move(rest), core::to_bytes("ahead"));
    std::vector<std::string> got;
    world.run(read_pieces(world.env(), s, size, got));
    std::string all;
    for (const auto& piece : got) all += piece;
    CHECK(all == "aheadrest");
    if (size == 100) CHECK(got == std::vector<std::string>{"ahead", "rest"});
    CHECK(s.secure());
  }
}

}  // namespace read_ahead_stream_test
