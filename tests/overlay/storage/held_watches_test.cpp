#include "storage/held_watches.hpp"

#include <doctest.h>

#include "support/lone_surroundings.hpp"
#include "support/node_ids.hpp"
#include "support/replica_values.hpp"
#include "support/simulated_world.hpp"

namespace held_watches_test {

using namespace phyllo;
using namespace std::chrono_literals;
using testing::id;

namespace {

constexpr auto kind = overlay::resource_kind.id;

struct records final : overlay::held_records {
  [[nodiscard]] overlay::replica_store& store() noexcept override { return held; }
  [[nodiscard]] const overlay::replica_store& store() const noexcept override { return held; }
  [[nodiscard]] const std::vector<overlay::kind>& kinds() const noexcept override { return served; }
  [[nodiscard]] bool is_root(const overlay::resource_id&) const override { return root; }
  [[nodiscard]] bool stands_in(const overlay::resource_id&) const override { return root; }
  [[nodiscard]] std::vector<overlay::node_id> other_holders(const overlay::resource_id&) const override { return {}; }
  [[nodiscard]] std::optional<overlay::extension> state_of(const overlay::resource_id&, unsigned) const override { return std::nullopt; }

  bool root = true;
  overlay::replica_store held{overlay::known_kinds(), {}};
  std::vector<overlay::kind> served{overlay::known_kinds().begin(), overlay::known_kinds().end()};
};

core::awaitable<void> noting(core::awaitable<void> task, unsigned& ended) {
  co_await std::move(task);
  ++ended;
}

struct scene {
  // A Fetch of this resource that watches from the state that is there now on.
  [[nodiscard]] overlay::message_contents watch(std::uint8_t resource, std::chrono::milliseconds hold) const {
    overlay::fetch_request f{.resource = id(resource), .specifiers = {overlay::everything_of(overlay::resource_kind)}, .unknown = {}};
    overlay::message_contents m;
    m.code = overlay::code::fetch_req;
    m.body = f.encode(overlay::known_kinds());
    overlay::request_options o;
    o.watch = overlay::watch_request{hold, answers.live_digest(f)};
    m.extensions = overlay::encode(o);
    return m;
  }
  void hold(overlay::message_contents m) {
    world.spawn(noting(watches.hold(id(9), std::move(m)), ended));
    world.run_for(0s);
  }
  void put(std::uint8_t resource) {
    held.held.put(id(resource), kind, testing::value_at(1, "k", "x"), signer, world.now());
    watches.changed(id(resource));
    world.run_for(0s);
  }

  testing::simulated_world world{1};
  testing::lone_surroundings ring{id(0x80), world.env().wall_now()};
  records held;
  identity::certificate signer = testing::make_certificate("alice@example.com");
  identity::credential self{signer, identity::private_key::generate()};
  overlay::local_answers answers{world.env(), self, held};
  core::metrics metrics;
  unsigned ended = 0;
  overlay::storage_options options = few_watches();
  overlay::held_watches watches{world.env(), ring, held, answers, options, metrics};

  static overlay::storage_options few_watches() {
    overlay::storage_options o;
    o.watches.watches_per_node_max = 2;
    return o;
  }
};

}  // namespace

TEST_CASE("a watch is held until what it watches changes, and no longer than it asks for") {
  scene s;
  s.hold(s.watch(1, 5000ms));
  s.put(2);
  CHECK(s.ended == 0);
  s.put(1);
  CHECK(s.ended == 1);
  s.hold(s.watch(1, 5000ms));
  s.world.run_for(4999ms);
  CHECK(s.ended == 1);
  s.world.run_for(1ms);
  CHECK(s.ended == 2);
}

TEST_CASE("no watch is held longer than thirty seconds, nor one that has seen another state") {
  scene s;
  const auto of_before = s.watch(1, 5000ms);
  s.put(1);
  s.hold(of_before);
  CHECK(s.ended == 1);
  s.hold(s.watch(1, std::chrono::milliseconds(1h)));
  s.world.run_for(29999ms);
  CHECK(s.ended == 1);
  s.world.run_for(1ms);
  CHECK(s.ended == 2);
}

TEST_CASE("a watch ends when another node is the root, and all end when this node stops") {
  scene s;
  s.hold(s.watch(1, 20000ms));
  s.watches.ring_changed();
  s.world.run_for(1s);
  CHECK(s.ended == 0);
  s.held.root = false;
  s.watches.ring_changed();
  s.world.run_for(0s);
  CHECK(s.ended == 1);
  s.held.root = true;
  s.hold(s.watch(1, 20000ms));
  s.watches.stop();
  s.world.run_for(0s);
  CHECK(s.ended == 2);
}

TEST_CASE("of one watcher more watches than it may have are answered at once, and so is what is no watch") {
  scene s;
  s.hold(s.watch(1, 5000ms));
  s.hold(s.watch(2, 5000ms));
  CHECK(s.ended == 0);
  s.hold(s.watch(3, 5000ms));
  CHECK(s.ended == 1);
  CHECK(s.metrics.drops().at("watches_full") == 1);
  auto plain = s.watch(1, 5000ms);
  plain.extensions.clear();
  s.hold(plain);
  CHECK(s.ended == 2);
  s.watches.stop();
  s.world.run_for(0s);
  CHECK(s.ended == 4);
}

}  // namespace held_watches_test
