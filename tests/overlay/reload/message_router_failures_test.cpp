// Of the router: what becomes of messages that do not get on.
#include <doctest.h>

#include "overlay/support/message_layer.hpp"
#include "phyllo/transport/errc.hpp"

namespace message_router_failures_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace phyllo::testing;

namespace {

struct scene : message_layer {
  scene() {
    links.add(back, true, world.now());
    auto& r = ring.record(back->peer().node());
    r.peer = r.active = r.link.open = true;
  }
  [[nodiscard]] payload_ptr find() const { return payload(contents(code::find_req)); }
  [[nodiscard]] payload_ptr diagnosis() {
    const auto now = core::unix_milliseconds(world.env().wall_now());
    const path_track_request p{destination::to_node(well->peer().node()), {now + 60'000, now, 0, {}}};
    return payload(contents(code::path_track_req, p.encode()));
  }
  // It comes from 90 and goes by the link of 86, whose copy of it is kept under this token.
  std::uint64_t pass_on(payload_ptr p) {
    router.route(header(destination::to_node(well->peer().node())), std::move(p), back->peer().node());
    REQUIRE_FALSE(well->sent.empty());
    return well->sent.back().token;
  }
  // The link of 86 owes an ACK of it: so 86 is a suspect by now.
  void be_late(std::uint64_t token) {
    ring.record(well->peer().node()).doubt.suspect = true;
    router.detour(token, well->peer().node());
  }
  // The link of 86 has closed for this reason.
  void close_well(const core::error& why) {
    auto left = router.take_kept(*well);
    ring.record(well->peer().node()).link.open = false;
    router.detour_all(std::move(left), well->peer().node(), why);
  }

  std::shared_ptr<noting_link> back = neighbour(0x90);
};

}  // namespace

TEST_CASE("a message whose ACK is late goes another way as well, once, as it was") {
  scene s;
  s.recover();
  const auto token = s.pass_on(s.find());
  s.be_late(token);
  REQUIRE(s.suspect->sent.size() == 1);
  CHECK(s.suspect->sent[0].header.ttl == s.well->sent[0].header.ttl);
  CHECK(s.suspect->sent[0].header.via == s.well->sent[0].header.via);
  CHECK(s.suspect->sent[0].payload == s.well->sent[0].payload);
  s.be_late(token);
  CHECK(s.suspect->sent.size() == 1);
}

TEST_CASE("a late message goes another way than by the link that is late, also where its node is no suspect") {
  scene s;
  s.recover();
  const auto token = s.pass_on(s.find());
  s.router.detour(token, s.well->peer().node());
  CHECK(s.well->sent.size() == 1);
  CHECK(s.suspect->sent.size() == 1);
}

TEST_CASE("what a closed link has not carried goes by another link of the same node") {
  scene s;
  s.recover();
  s.pass_on(s.find());
  const auto again = std::make_shared<noting_link>(s.world, s.well->peer());
  s.links.add(again, true, s.world.now());
  auto left = s.router.take_kept(*s.well);
  (void)s.links.remove(*s.well);
  s.router.detour_all(std::move(left), s.well->peer().node(), core::error(transport::errc::closed, "x"));
  CHECK(again->sent.size() == 1);
  CHECK(s.suspect->sent.empty());
}

TEST_CASE("what goes by one link only goes no other way, late or when that has closed") {
  scene s;
  s.recover();
  CHECK(s.router.send_by(*s.well, s.header(destination::to_node(s.well->peer().node())), s.find(), true));
  CHECK(s.router.send_by(*s.well, s.header(destination::to_node(s.well->peer().node())), s.find(), true));
  s.be_late(s.well->sent[0].token);
  s.close_well(core::error(transport::errc::timed_out, "x"));
  CHECK(s.suspect->sent.empty());
  CHECK(s.back->sent.empty());
}

TEST_CASE("late messages go another way at a bounded rate; the rest is counted, and left to its link") {
  scene s;
  s.recover();
  std::vector<std::uint64_t> tokens;
  for (int i = 0; i < 401; ++i) tokens.push_back(s.pass_on(s.find()));
  for (const auto t : tokens) s.be_late(t);
  CHECK(s.suspect->sent.size() == 400);
  CHECK(s.dropped("detours") == 1);
}

TEST_CASE("an overdue diagnosis that nobody else could take waits for its link, all else is left to it") {
  scene s;
  const auto other = s.pass_on(s.find());
  const auto diagnosis = s.pass_on(s.diagnosis());
  s.be_late(other);
  s.be_late(diagnosis);
  CHECK(s.router.take_kept(*s.well).size() == 1);
  CHECK(s.back->sent.empty());
}

TEST_CASE("whose diagnosis ends with a link is told how: silent, or closed; who asks for something else is not") {
  for (const bool silent : {true, false}) {
    scene s;
    s.pass_on(s.diagnosis());
    s.close_well(silent ? core::error(transport::errc::timed_out, "x") : core::error(transport::errc::closed, "x"));
    REQUIRE(s.back->sent.size() == 1);
    CHECK(message_layer::error_of(s.back->sent[0]) ==
          (silent ? error_code::underlay_time_exceeded : error_code::underlay_destination_unreachable));
    CHECK(s.dropped("no_route") == 1);
  }
  scene s;
  s.pass_on(s.find());
  s.close_well(core::error(transport::errc::closed, "x"));
  CHECK(s.back->sent.empty());
  CHECK(s.dropped("no_route") == 1);
}

}  // namespace message_router_failures_test
