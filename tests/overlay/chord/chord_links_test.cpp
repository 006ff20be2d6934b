#include "chord/chord_links.hpp"

#include <doctest.h>

#include "overlay/support/chord_member.hpp"
#include "overlay/support/pastry_parts.hpp"

namespace chord_links_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::id;

namespace {

// A node at 80 between two links, 85 and 86; its machine begins no overlay.
struct scene : testing::pastry_parts {
  scene() = default;
  ~scene() {
    messenger.stop();
    performer.cancel();
    world.run(performer.join());
  }
  scene(const scene&) = delete;
  scene& operator=(const scene&) = delete;

  [[nodiscard]] const node_id& there() const { return suspect->peer().node(); }
  [[nodiscard]] std::size_t pings() const {
    const auto all = asked_of(*suspect);
    return static_cast<std::size_t>(std::ranges::count(all, std::uint16_t{code::ping_req}, &message_contents::code));
  }

  chord machine{self->certificate.node(), testing::chord_scene::options(), world.now()};
  chord_contacts contacts{core::hash_key{1, 2}};
  chord_presence presence{world.env()};
  chord_performer performer{parts, machine, contacts, presence, told};
  chord_links noticed{parts, machine, contacts, performer, 100};
};

}  // namespace

TEST_CASE("two hundred links of clients are taken a second, after four hundred at once, and always those of peers that are ready") {
  scene s;
  unsigned taken = 0;
  for (unsigned i = 0; i < 1000; ++i) taken += s.noticed.has_room_for(id(0x70)) ? 1 : 0;
  CHECK(taken == 400);
  (void)s.machine.link_opened(s.there(), false, s.world.now());
  CHECK_FALSE(s.noticed.has_room_for(s.there()));
  (void)s.machine.updated(s.there(), testing::chord_scene::ready(), s.world.now());
  CHECK(s.noticed.has_room_for(s.there()));
  s.world.run_for(std::chrono::seconds(1));
  for (unsigned i = 0; i < 1000; ++i) taken += s.noticed.has_room_for(id(0x70)) ? 1 : 0;
  CHECK(taken == 600);
}

TEST_CASE("there is room for so many nodes that are no ready peers, however many are known") {
  scene s;
  chord_links few{s.parts, s.machine, s.contacts, s.performer, 2};
  for (const auto* l : {s.suspect.get(), s.well.get()}) (void)s.machine.link_opened(l->peer().node(), false, s.world.now());
  CHECK_FALSE(few.has_room_for(id(0x70)));
  (void)s.machine.updated(s.there(), testing::chord_scene::ready(), s.world.now());
  CHECK(few.has_room_for(id(0x70)));
}

TEST_CASE("a new link is told to the machine once, and its node counts as failed no more") {
  scene s;
  s.contacts.note_failed(s.there(), s.world.now());
  s.noticed.on_linked(s.there(), *s.suspect, false, false);
  CHECK_FALSE(s.contacts.has_failed(s.there(), s.world.now()));
  CHECK(s.noticed.heard(s.there()) == s.world.now());
  CHECK_FALSE(s.machine.routing().in_reach(s.there()));
  s.noticed.on_linked(s.there(), *s.suspect, false, true);
  CHECK(s.machine.routing().in_reach(s.there()));
  s.noticed.on_link_closed(s.there(), core::error(core::errc::invalid));
  CHECK_FALSE(s.machine.routing().in_reach(s.there()));
}

TEST_CASE("where a link was dialled its end is remembered, unless the node has said where it can be dialled") {
  scene s;
  s.noticed.on_linked(s.there(), *s.suspect, false, true);
  CHECK(s.noticed.places_of(s.there()).empty());
  s.noticed.on_linked(s.there(), *s.suspect, true, false);
  REQUIRE(s.noticed.places_of(s.there()).size() == 1);
  const places said{{transport::link_kind::tls, testing::simulated_network::address(5)}};
  const auto& other = s.well->peer().node();
  s.noticed.learn_places(other, said);
  s.noticed.on_linked(other, *s.well, true, true);
  CHECK(s.noticed.places_of(other) == said);
}

TEST_CASE("whose link owes an ACK is asked by a Ping, once at a time, and has failed if that has no answer") {
  scene s;
  s.noticed.on_linked(s.there(), *s.suspect, false, true);
  s.noticed.on_overdue(s.there());
  s.noticed.on_overdue(s.there());
  s.noticed.on_unanswered(s.there());
  s.wait();
  CHECK(s.pings() == 1);
  CHECK_FALSE(s.contacts.has_failed(s.there(), s.world.now()));
  s.wait(std::chrono::seconds(4));
  CHECK(s.contacts.has_failed(s.there(), s.world.now()));
  s.noticed.on_overdue(id(0x70));  // there is no link to it
  s.wait();
  CHECK(s.well->sent.empty());
}

TEST_CASE("a node whose messages can not be believed for their time makes the clock doubtful until it is believed") {
  scene s;
  s.noticed.on_unjudged(s.there(), {});
  CHECK(s.clock.troubled());
  s.noticed.on_judged(s.well->peer().node());
  CHECK(s.clock.troubled());
  s.noticed.on_judged(s.there());
  CHECK_FALSE(s.clock.troubled());
}

}  // namespace chord_links_test
