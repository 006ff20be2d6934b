#include "storage/replica_asker.hpp"

#include <doctest.h>

#include "phyllo/overlay/errc.hpp"
#include "storage/storage_extension.hpp"
#include "support/lone_surroundings.hpp"
#include "support/node_ids.hpp"
#include "support/replica_values.hpp"
#include "support/simulated_world.hpp"

namespace replica_asker_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::node_id;
using testing::active_member;
using testing::id;

namespace {

const auto key = id(0x88);
constexpr std::uint16_t fetched = overlay::code::fetch_req + 1;
constexpr std::uint16_t stored = overlay::code::store_req + 1;

// A node at 80 of a ring with 70 and 90, which hold with it what is at 88.
struct scene {
  scene() { become({active_member(id(0x90)), active_member(id(0x70))}); }
  void become(std::vector<overlay::member> others) {
    ring.others = std::move(others);
    share.refresh();
  }
  void ask(std::uint64_t round = 0) { asker.ask_each(box, {id(0x90), id(0x70)}, {}, world.now() + 5s, key, round); }
  // To the latest question.
  void answer(const node_id& by, std::uint16_t says, std::uint64_t of_view, std::vector<node_id> unsynced = {}) {
    overlay::answer a;
    a.from = by;
    a.contents.code = says;
    a.contents.extensions.push_back(overlay::replica_state{of_view, 0, {}, std::move(unsynced)}.encode());
    ring.asked.back().answered(by, std::move(a));
  }
  [[nodiscard]] std::uint64_t view() const { return share.sets().view(key); }
  [[nodiscard]] bool is_late() { return share.late().resources(world.now() + 1min).contains(key); }

  static overlay::storage_options three_replicas() {
    overlay::storage_options o;
    o.replicas = 3;
    return o;
  }

  testing::simulated_world world{1};
  core::metrics metrics;
  overlay::storage_metrics numbers{metrics};
  overlay::storage_options options = three_replicas();
  identity::trust trust{"test.overlay"};
  testing::lone_surroundings ring{id(0x80), world.env().wall_now()};
  overlay::replica_share share{world.env(), ring, options};
  overlay::value_judge judge{nullptr, trust, ring, nullptr};
  identity::credential nobody{testing::make_certificate("node@example.com"), identity::private_key::generate()};
  overlay::storage_parts parts{world.env(), options, nobody, ring, share, judge, metrics, numbers};
  overlay::replica_asker asker{parts};
  overlay::replica_asker::arrivals box = asker.make_arrivals(2);
};

}  // namespace

TEST_CASE("each is asked once by one message, and whatever comes back of each is there in the order in which it came") {
  scene s;
  s.ask();
  REQUIRE(s.ring.asked.size() == 1);
  CHECK(s.ring.asked[0].to == std::vector{id(0x90), id(0x70)});
  s.ring.asked[0].answered(id(0x70), core::fail(overlay::errc::timed_out));
  s.answer(id(0x90), fetched, s.view());
  CHECK(s.box->size() == 2);
  const auto take = [](scene& of) -> core::awaitable<void> {
    const auto first = co_await of.box->receive(of.world.now());
    const auto second = co_await of.box->receive(of.world.now());
    REQUIRE(first.has_value());
    REQUIRE(second.has_value());
    CHECK(first->from == id(0x70));
    CHECK(first->got.error() == overlay::errc::timed_out);
    CHECK(second->from == id(0x90));
    CHECK(second->got.has_value());
  };
  s.world.run(take(s));
}

TEST_CASE("who answers in this node's view confirms it for a while, and that view alone") {
  scene s;
  s.ask();
  CHECK_FALSE(s.asker.confirms(id(0x90), s.view()));
  s.answer(id(0x90), fetched, s.view());
  CHECK(s.asker.confirms(id(0x90), s.view()));
  CHECK_FALSE(s.asker.confirms(id(0x90), s.view() + 1));
  CHECK_FALSE(s.asker.confirms(id(0x70), s.view()));
  CHECK(s.ring.reconciled.empty());
  s.world.run_for(s.options.confirmed_for);
  CHECK(s.asker.confirms(id(0x90), s.view()));
  s.world.run_for(1ms);
  CHECK_FALSE(s.asker.confirms(id(0x90), s.view()));
}

TEST_CASE("with who is of another view leaf sets are compared, five times a second at most") {
  scene s;
  s.ask();
  for (int i = 0; i < 3; ++i) s.answer(id(0x90), fetched, s.view() + 1);
  CHECK(s.ring.reconciled == std::vector{id(0x90)});
  CHECK_FALSE(s.asker.confirms(id(0x90), s.view() + 1));
  s.world.run_for(200ms);
  s.answer(id(0x90), fetched, s.view() + 1);
  s.answer(id(0x70), fetched, s.view() + 1);
  CHECK(s.ring.reconciled == std::vector{id(0x90), id(0x90), id(0x70)});
}

TEST_CASE("a node that holds this one for unsynced has it compare again, unless it is to do so already") {
  scene s;
  s.ask();
  s.share.state().synced_here(overlay::whole_ring());
  s.answer(id(0x90), fetched, s.view(), {id(0x70)});
  CHECK(s.share.state().synced_here(key));
  s.answer(id(0x90), fetched, s.view() + 1, {id(0x80)});  // of a set that this node does not know
  CHECK(s.share.state().synced_here(key));
  s.answer(id(0x90), fetched, s.view(), {id(0x80)});
  CHECK_FALSE(s.share.state().synced_here(key));
}

TEST_CASE("a late answer to the latest round of a write still counts, one to an earlier round or to something else does not") {
  scene s;
  const auto earlier = s.share.late().sent({id(0x90)}, key, s.world.now());
  s.ask(earlier);
  const auto latest = s.share.late().sent({id(0x90)}, key, s.world.now());
  s.answer(id(0x90), stored, s.view());
  CHECK(s.is_late());
  s.ask(latest);
  s.answer(id(0x90), fetched, s.view());
  CHECK(s.is_late());
  s.answer(id(0x90), stored, s.view());
  CHECK_FALSE(s.is_late());
}

TEST_CASE("who is in no set any more is forgotten: it is compared with at once when it comes back") {
  scene s;
  s.asker.reconcile(id(0x90), 1h);
  s.asker.reconcile(id(0x90), 1h);
  CHECK(s.ring.reconciled.size() == 1);
  s.asker.forget_strangers();
  s.asker.reconcile(id(0x90), 1h);
  CHECK(s.ring.reconciled.size() == 1);
  s.become({active_member(id(0x70))});
  s.asker.forget_strangers();
  s.become({active_member(id(0x70)), active_member(id(0x90))});
  s.asker.reconcile(id(0x90), 1h);
  CHECK(s.ring.reconciled.size() == 2);
}

TEST_CASE("what comes back after the end is not looked at") {
  scene s;
  s.ask();
  s.asker.stop();
  s.answer(id(0x90), fetched, s.view() + 1);
  CHECK(s.box->empty());
  CHECK(s.ring.reconciled.empty());
}

}  // namespace replica_asker_test
