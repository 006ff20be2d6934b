#include "transport/link/move_acceptor.hpp"

#include <doctest.h>

#include "link/memory_carrier.hpp"
#include "phyllo/transport/errc.hpp"
#include "support/run.hpp"

namespace move_acceptor_test {

using namespace phyllo;

namespace {

struct accepting {
  testing::real_world world;
  testing::small_overlay overlay;
  core::metrics metrics;
  std::shared_ptr<transport::link_registry> registry =
      std::make_shared<transport::link_registry>(*world.env, metrics, std::chrono::seconds(60));
  transport::move_acceptor acceptor{registry};
  std::shared_ptr<const identity::credential> peer = overlay.credential(1);

  std::shared_ptr<testing::memory_carrier> accepted() {
    auto carrier = std::make_shared<testing::memory_carrier>(peer, transport::link_kind::dtls);
    acceptor.accept(carrier);
    return carrier;
  }
};

}  // namespace

TEST_CASE("a move of a link that is not there is answered by a no, and its carrier closed") {
  accepting a;
  const auto carrier = a.accepted();
  REQUIRE(carrier->owner != nullptr);
  CHECK_FALSE(carrier->closed);
  carrier->owner->on_frame(transport::encode_move({}));
  REQUIRE(carrier->sent.size() == 1);
  const auto answer = transport::decode_move(carrier->sent[0]);
  REQUIRE(answer);
  CHECK(answer->moved);
  CHECK_FALSE(answer->accepted);
  CHECK(carrier->closed);
  CHECK(carrier->owner == nullptr);
  CHECK(a.metrics.drops().at("move_unknown") == 1);
}

TEST_CASE("what is no question closes the carrier without an answer") {
  accepting a;
  transport::move_frame answer;
  answer.moved = true;
  for (const auto& frame : {transport::encode_ack(1, 0), transport::encode_move(answer), core::bytes()}) {
    const auto carrier = a.accepted();
    carrier->owner->on_frame(frame);
    CHECK(carrier->closed);
    CHECK(carrier->sent.empty());
  }
  CHECK(a.metrics.drops().at("frame_malformed") == 3);
}

TEST_CASE("of too many that say nothing the oldest makes room, and one that ended waits no more") {
  accepting a;
  std::vector<std::shared_ptr<testing::memory_carrier>> all;
  for (std::size_t i = 0; i < transport::move_acceptor::waiting_max; ++i) all.push_back(a.accepted());
  all[5]->owner->on_ended(core::error(transport::errc::closed));
  all.push_back(a.accepted());
  CHECK_FALSE(all[0]->closed);
  all.push_back(a.accepted());
  CHECK(all[0]->closed);
  CHECK_FALSE(all[1]->closed);
  CHECK(a.metrics.drops().at("move_evicted") == 1);
  a.acceptor.stop();
  CHECK(all.back()->closed);
}

}  // namespace move_acceptor_test
