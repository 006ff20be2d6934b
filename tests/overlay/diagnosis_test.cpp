// PathTrack, Ping with diagnostics, Probe, AppAttach and forwarding options between real peers on a simulated network.
#include <doctest.h>

#include "overlay/support/asked_by_stranger.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/attach_message.hpp"

namespace diagnosis_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

// A ring whose nodes know few others, so that ways have several hops.
struct long_ways : simulated_ring {
  explicit long_ways(std::size_t n) : simulated_ring(3, few()) {
    while (peers.size() < n) add();
    REQUIRE(join_all(120s));
    REQUIRE(settle(60s));
  }
  static overlay::peer_options few() {
    overlay::peer_options o;
    o.leaf_set = 4;
    o.replicas = 1;
    return o;
  }
};

overlay::application_offer offer(const std::string& role) {
  overlay::ice_candidate c;
  c.at = {asio::ip::make_address("192.0.2.1"), 5060};
  c.foundation = "1";
  return {"frag", "secret", role, {c}};
}

}  // namespace

TEST_CASE("a trace names every node from here to the root of a key, and ends there") {
  long_ways ring(40);
  std::size_t longest = 0;
  for (std::size_t i = 0; i < 20; ++i) {
    const auto key = ring.random_key();
    const auto traced = ring.finish(ring.peers[i]->peer->trace_root(key, 10s));
    REQUIRE(traced.has_value());
    CHECK(traced->from == ring.peers[i]->id());
    CHECK_FALSE(traced->stopped.has_value());
    auto last = ring.peers[i]->id();
    for (const auto& hop : traced->hops) {
      CHECK(hop.node != last);
      CHECK(hop.round_trip > 0ms);
      CHECK(hop.routing_table_size.value_or(0) > 0);
      CHECK(hop.uptime_s.has_value());
      CHECK(hop.load == std::uint64_t{0});
      CHECK(hop.values_stored == std::uint64_t{0});
      last = hop.node;
    }
    CHECK(last == ring.root(key));
    longest = std::max(longest, traced->hops.size());
  }
  CHECK(longest >= 2);
}

TEST_CASE("a trace to a node ends at it, and one to oneself has no hops") {
  long_ways ring(12);
  const auto there = ring.finish(ring.peers[1]->peer->trace(ring.peers[7]->id(), 10s));
  REQUIRE(there.has_value());
  REQUIRE_FALSE(there->hops.empty());
  CHECK(there->hops.back().node == ring.peers[7]->id());
  const auto here = ring.finish(ring.peers[1]->peer->trace(ring.peers[1]->id(), 10s));
  REQUIRE(here.has_value());
  CHECK(here->hops.empty());
  CHECK_FALSE(here->stopped.has_value());
}

TEST_CASE("a diagnostic Kind that the document gives to some nodes is told to those only") {
  long_ways ring(6);
  ring.overlay.diagnostics = {{overlay::diagnostic_kind::status_info, {ring.peers[1]->id()}},
                              {overlay::diagnostic_kind::app_uptime, {ring.peers[2]->id()}}};
  REQUIRE(ring.finish(ring.peers[0]->peer->adopt(ring.overlay.document(2))).has_value());
  ring.world.run_for(3s);
  const auto traced = [&](std::size_t by) {
    const auto out = ring.finish(ring.peers[by]->peer->trace(ring.peers[5]->id(), 10s));
    REQUIRE(out.has_value());
    REQUIRE_FALSE(out->hops.empty());
    CHECK_FALSE(out->stopped.has_value());
    return out->hops.back();
  };
  CHECK(traced(1).load.has_value());
  CHECK_FALSE(traced(1).uptime_s.has_value());
  CHECK(traced(2).uptime_s.has_value());
  CHECK_FALSE(traced(3).load.has_value());
  CHECK(traced(3).routing_table_size.has_value());  // that the document does not name
}

TEST_CASE("AppAttach carries the offers of two applications, and says so where there is none") {
  long_ways ring(8);
  const auto to = ring.peers[5]->id();
  const auto none = ring.finish(ring.peers[1]->peer->app_attach({to}, 5060, offer(""), 5s));
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error() == errc::not_found);
  std::optional<overlay::application_offer> seen;
  identity::node_id from;
  const auto answer = [](overlay::application_offer o) -> core::awaitable<core::result<overlay::application_offer>> { co_return o; };
  ring.peers[5]->peer->serve_application(5060, [&](identity::node_id n, overlay::application_offer theirs) {
    seen = std::move(theirs);
    from = n;
    return answer(offer(""));
  });
  const auto got = ring.finish(ring.peers[1]->peer->app_attach({to}, 5060, offer(""), 5s));
  REQUIRE(got.has_value());
  CHECK(*got == offer("active"));
  CHECK(seen == offer("passive"));
  CHECK(from == ring.peers[1]->id());
  const auto refuse = []() -> core::awaitable<core::result<overlay::application_offer>> { co_return core::fail(errc::forbidden, "busy"); };
  ring.peers[5]->peer->serve_application(5061, [&](identity::node_id, overlay::application_offer) { return refuse(); });
  CHECK(ring.finish(ring.peers[1]->peer->app_attach({to}, 5061, offer(""), 5s)).error() == errc::forbidden);
  ring.peers[5]->peer->serve_application(5060, {});
  CHECK(ring.finish(ring.peers[1]->peer->app_attach({to}, 5060, offer(""), 5s)).error() == errc::not_found);
}

TEST_CASE("an AppAttach of any role but passive is refused") {
  asked_by_stranger s;
  const auto answer = []() -> core::awaitable<core::result<overlay::application_offer>> { co_return offer(""); };
  s.ring.peers[0]->peer->serve_application(5060, [&](identity::node_id, overlay::application_offer) { return answer(); });
  overlay::message_contents m;
  m.code = overlay::code::app_attach_req;
  for (const auto* role : {"active", "actpass", "captain", ""}) {
    CAPTURE(role);
    m.body = overlay::app_attach_message{5060, offer(role)}.encode();
    CHECK(error_of(s.ask(s.header(), m)) == overlay::error_code::invalid_message);
  }
  m.body = overlay::app_attach_message{5060, offer("passive")}.encode();
  CHECK(error_of(s.ask(s.header(), m)) == 0);
}

TEST_CASE("an option critical to its destination is refused there, and one to be copied comes back without flags") {
  asked_by_stranger s;
  auto h = s.header();
  using option = overlay::forwarding_option;
  h.options = {{9, option::destination_critical, {}}};
  CHECK(error_of(s.ask(h, ping())) == overlay::error_code::unsupported_forwarding_option);
  h = s.header();
  h.options = {{9, option::forward_critical, {}}};  // nobody has to forward it
  CHECK(error_of(s.ask(h, ping())) == 0);
  h = s.header();
  h.options = {{7, option::response_copy, {1, 2, 3}}, {8, 0, {4}}};
  CHECK(error_of(s.ask(h, ping())) == 0);
  bool copied = false;
  for (const auto& bytes : s.who->received) {
    const auto m = overlay::parse_header(bytes);
    if (m && m->header.transaction_id == h.transaction_id) copied = m->header.options == std::vector<option>{{7, 0, {1, 2, 3}}};
  }
  CHECK(copied);
  h = s.header();
  h.options = {{7, option::response_copy, core::bytes(2000)}};
  CHECK(error_of(s.ask(h, ping())) == overlay::error_code::invalid_message);
}

TEST_CASE("an option critical to those who forward is refused by the first of them") {
  asked_by_stranger s;
  auto h = s.who->header(overlay::destination::to_node(s.ring.peers[1]->id()));
  h.options = {{9, overlay::forwarding_option::forward_critical | overlay::forwarding_option::response_copy, {}}};
  CHECK(error_of(s.ask(h, ping())) == overlay::error_code::unsupported_forwarding_option);
}

}  // namespace diagnosis_test
