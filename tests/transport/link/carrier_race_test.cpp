#include "transport/link/carrier_race.hpp"

#include <doctest.h>

#include "link/memory_carrier.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace carrier_race_test {

using namespace phyllo;
using namespace std::chrono_literals;
using transport::carrier_race;
using transport::rung;

namespace {

// What one rung does: answers or not, and after how long it ends how.
struct behaviour {
  std::optional<core::duration> answers;
  core::duration ends{};
  std::optional<core::error> why;  // nothing: it links
};

struct race_fixture {
  testing::simulated_world world;
  testing::small_overlay overlay;
  std::map<rung, behaviour> rungs;
  std::vector<std::pair<rung, core::duration>> begun;
  std::map<rung, std::shared_ptr<testing::memory_carrier>> carriers;
  core::time_point start = world.now();
  core::duration took{};

  static core::awaitable<transport::carrier_result> attempt(race_fixture& f, transport::ladder_step s, carrier_race& race) {
    f.begun.emplace_back(s.by, f.world.now() - f.start);
    const auto& b = f.rungs.at(s.by);
    if (b.answers) {
      co_await core::sleep_for(f.world.env(), *b.answers);
      race.answered();
    }
    co_await core::sleep_for(f.world.env(), b.ends);
    if (b.why) co_return core::fail(*b.why);
    auto& carrier = f.carriers[s.by];
    carrier = std::make_shared<testing::memory_carrier>(f.overlay.credential(1), transport::link_kind::dtls);
    transport::dialled_carrier dialled(carrier, std::nullopt);
    co_return std::move(dialled);
  }

  static core::awaitable<void> run(race_fixture& f, std::vector<transport::ladder_step> steps, core::duration limit,
                                   transport::carrier_result& out) {
    carrier_race race(f.world.env(), std::move(steps), [&f](transport::ladder_step s, carrier_race& r) { return attempt(f, s, r); });
    out = co_await race.run(f.world.now() + limit);
    f.took = f.world.now() - f.start;
    race.cancel();
    co_await race.join();
  }

  transport::carrier_result run(core::duration limit = 10s) {
    std::vector<transport::ladder_step> steps;
    for (const auto& [by, b] : rungs) steps.push_back({by, {}, {}, transport::stagger * static_cast<int>(steps.size())});
    transport::carrier_result out = core::fail(core::errc::invalid);
    world.run(run(*this, std::move(steps), limit, out));
    return out;
  }
};

core::error refused() { return core::error(transport::errc::refused); }

}  // namespace

TEST_CASE("the first rung that links wins, and worse ones that would have begun later never do") {
  race_fixture f;
  f.rungs = {{rung::dtls, {{}, 100ms, {}}}, {rung::tls, {{}, 1ms, {}}}};
  auto won = f.run();
  REQUIRE(won);
  CHECK(won->take() == f.carriers.at(rung::dtls));
  CHECK(f.took == 100ms);
  CHECK(f.begun.size() == 1);
}

TEST_CASE("the rungs begin a stagger apart while nothing is heard") {
  race_fixture f;
  f.rungs = {{rung::dtls, {{}, 5s, refused()}}, {rung::tls, {{}, 5s, refused()}}, {rung::https, {{}, 300ms, {}}}};
  REQUIRE(f.run());
  CHECK(f.begun == std::vector<std::pair<rung, core::duration>>{{rung::dtls, 0ms}, {rung::tls, 250ms}, {rung::https, 500ms}});
  CHECK(f.took == 800ms);
}

TEST_CASE("a rung that fails lets the next one begin at once") {
  race_fixture f;
  f.rungs = {{rung::dtls, {{}, 10ms, refused()}}, {rung::tls, {{}, 10ms, refused()}}, {rung::https, {{}, 10ms, {}}}};
  REQUIRE(f.run());
  CHECK(f.begun == std::vector<std::pair<rung, core::duration>>{{rung::dtls, 0ms}, {rung::tls, 10ms}, {rung::https, 20ms}});
}

TEST_CASE("a way that has answered is waited for, but no longer than its patience") {
  race_fixture slow;
  slow.rungs = {{rung::dtls, {100ms, 800ms, {}}}, {rung::tls, {{}, 1ms, {}}}};
  REQUIRE(slow.run());
  CHECK(slow.begun.size() == 1);
  CHECK(slow.took == 900ms);
  race_fixture dead;
  dead.rungs = {{rung::dtls, {100ms, 60s, {}}}, {rung::tls, {{}, 1ms, {}}}};
  REQUIRE(dead.run());
  CHECK(dead.begun.at(1).second == 100ms + carrier_race::patience);
}

TEST_CASE("where all fail the caller hears of the one that says most") {
  for (const auto& [first, second, told] :
       {std::tuple(transport::errc::refused, transport::errc::wrong_peer, transport::errc::wrong_peer),
        std::tuple(transport::errc::handshake_failed, transport::errc::refused, transport::errc::handshake_failed),
        std::tuple(transport::errc::timed_out, transport::errc::refused, transport::errc::refused),
        std::tuple(transport::errc::overloaded, transport::errc::handshake_failed, transport::errc::handshake_failed)}) {
    race_fixture f;
    f.rungs = {{rung::dtls, {{}, 1ms, core::error(first)}}, {rung::tls, {{}, 1ms, core::error(second)}}};
    CHECK(f.run().error() == told);
  }
  race_fixture none;
  CHECK(none.run().error() == transport::errc::refused);
}

TEST_CASE("a race ends at its deadline, and what links after it is closed") {
  race_fixture f;
  f.rungs = {{rung::dtls, {{}, 2s, {}}}};
  CHECK(f.run(1s).error() == transport::errc::timed_out);
  CHECK(f.took == 1s);
  CHECK(f.carriers.empty());  // it was cancelled
}

TEST_CASE("a carrier that nobody takes is closed") {
  const testing::small_overlay overlay;
  const auto carrier = std::make_shared<testing::memory_carrier>(overlay.credential(1), transport::link_kind::tls);
  {
    const transport::dialled_carrier left(carrier, 5ms);
  }
  CHECK(carrier->closed);
  const auto other = std::make_shared<testing::memory_carrier>(overlay.credential(1), transport::link_kind::tls);
  {
    transport::dialled_carrier taken(other, std::nullopt);
    CHECK(taken.take() == other);
  }
  CHECK_FALSE(other->closed);
}

}  // namespace carrier_race_test
