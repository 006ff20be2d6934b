#include "reload/messenger.hpp"

#include <doctest.h>

#include "overlay/support/neighbours.hpp"

namespace messenger_test {

using namespace phyllo;
using namespace phyllo::testing;

TEST_CASE("what may go by its link only goes to a suspect, too: its answer is what clears the suspicion") {
  neighbours n;
  n.ask(n.suspect->peer().node(), {.link_only = true, .sends_max = 0, .timer = {}});
  REQUIRE(n.suspect->sent.size() == 1);
  CHECK(n.suspect->sent[0].header.destinations == overlay::destination_list{overlay::destination::to_node(n.suspect->peer().node())});
  CHECK(n.well->sent.empty());
  n.world.run_for(1s);
  n.messenger.requests().run_due(n.world.now());  // unanswered, it is sent again by the same link
  CHECK(n.suspect->sent.size() == 2);
  CHECK(n.well->sent.empty());
}

TEST_CASE("all else for a suspect goes round it, by the nearest that is well") {
  neighbours n;
  n.ask(n.suspect->peer().node(), {});
  CHECK(n.well->sent.size() == 1);
  CHECK(n.suspect->sent.empty());
}

TEST_CASE("what may go by its link only is sent to nobody else where there is no such link") {
  neighbours n;
  auto stranger = n.well->peer().node();
  stranger.octets[15] = 1;
  n.ask(stranger, {.link_only = true, .sends_max = 0, .timer = {}});
  CHECK(n.well->sent.empty());
  CHECK(n.suspect->sent.empty());
  CHECK(n.ended == 0);
  n.world.run_for(11s);
  n.messenger.requests().run_due(n.world.now());
  CHECK(n.ended == 1);
}

TEST_CASE("copies of messages whose ACK is late are bounded: in a busy overlay all are late") {
  neighbours n;
  n.recover();
  for (int i = 0; i < 1000; ++i) n.ask(n.well->peer().node(), {});
  const auto first = n.well->sent;
  REQUIRE(first.size() == 1000);
  for (std::size_t i = 0; i < 600; ++i) n.overdue(first[i].token);
  CHECK(n.suspect->sent.size() == 400);
  n.world.run_for(1s);
  for (std::size_t i = 600; i < 1000; ++i) n.overdue(first[i].token);
  CHECK(n.suspect->sent.size() == 600);
  CHECK(n.metrics.get_counter("phyllo_dropped_total", "", {{"reason", "detours"}}).value() == 400);
}

TEST_CASE("an answer to what came straight from its signer never goes round its link; one to a forwarded request does") {
  neighbours n;
  n.recover();
  const auto direct = n.issue(0x86);
  n.ping_from(direct, *n.well, {});
  const auto far = n.issue(0x01);
  n.ping_from(far, *n.well, {overlay::destination::to_node(far.certificate.node())});
  REQUIRE(n.observer.asked.size() == 2);
  for (const auto& r : n.observer.asked) n.messenger.answers().respond(r, overlay::make_error(overlay::error_code::not_found));
  REQUIRE(n.well->sent.size() == 2);
  n.overdue(n.well->sent[0].token);
  CHECK(n.suspect->sent.empty());
  n.overdue(n.well->sent[1].token);
  CHECK(n.suspect->sent.size() == 1);
}

// Two processes with one Node-ID: else the one whose link is not preferred would be deaf, and never hear that there are two of it.
TEST_CASE("an answer to what came straight from its signer goes by the link that it came by, also where another one is preferred") {
  neighbours n;
  n.recover();
  const auto twin = std::make_shared<noting_link>(n.world, n.well->peer());
  n.links.add(twin, true, n.world.now() + 1s);
  REQUIRE(n.links.to(n.well->peer().node()) == twin.get());
  const auto who = n.issue(0x86);
  for (auto* link : {n.well.get(), twin.get()}) {
    n.ping_from(who, *link, {});
    REQUIRE(n.observer.asked.size() == 1);
    n.messenger.answers().respond(n.observer.asked.front(), n.observer.asked.front().contents);
    n.observer.asked.clear();
  }
  CHECK(n.well->sent.size() == 1);
  CHECK(twin->sent.size() == 1);
}

// What is held for a suspect is looked at again once that has failed, as another node may just be telling.
TEST_CASE("a request that was held is answered by its own link, also where it is looked at again while another one is taken") {
  neighbours n;
  const auto failed = n.suspect->peer().node();
  overlay::resource_id key;  // nearest to that one, then to this node
  key.octets = {0x82, 0xf0};
  const auto third = n.neighbour(0x70);
  n.links.add(third, false, n.world.now());
  n.ping_from(n.issue(0x86), *n.well, {}, overlay::destination::to_resource(key));
  REQUIRE(n.observer.asked.empty());
  n.observer.on_asked = [&] {
    n.observer.on_asked = nullptr;
    n.ring.remove(failed);
    n.ring.forget(failed);
    n.messenger.release_held();
  };
  n.ping_from(n.issue(0x70), *third, {});
  REQUIRE(n.observer.asked.size() == 2);
  n.messenger.answers().respond(n.observer.asked.back(), n.observer.asked.back().contents);
  CHECK(third->sent.empty());
  CHECK(n.well->sent.size() == 1);
}

TEST_CASE("what may go by its link only fails at once when its node has failed, and what may go round it does not") {
  neighbours n;
  const auto gone = n.suspect->peer().node();
  n.ask(gone, {.link_only = true, .sends_max = 0, .timer = {}});
  n.ask(gone, {});
  n.messenger.requests().give_up(gone);
  CHECK(n.ended == 0);  // never from inside a call
  n.messenger.requests().run_due(n.world.now());
  CHECK(n.ended == 1);
}

}  // namespace messenger_test
