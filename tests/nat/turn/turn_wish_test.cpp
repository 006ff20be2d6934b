#include "turn/turn_wish.hpp"

#include <doctest.h>

#include "turn/turn_bench.hpp"

namespace turn_wish_test {

using namespace turn_bench;

namespace {

struct asked {
  explicit asked(const fill& f) : room(200) {
    stun::message_writer w(room, stun::method::allocate, stun::message_class::request, {});
    w.add_octet(type::requested_transport, 17);
    f(w);
    room.resize(w.done().size());
  }
  [[nodiscard]] stun::message_view view() const { return stun::message_view::parse(room).value(); }
  core::bytes room;
};

}  // namespace

TEST_CASE("a wish says what was asked for") {
  const asked a([](auto& w) {
    w.add_octet(type::even_port, 0x80);
    w.add_octet(type::requested_address_family, 2);
    w.add(type::mobility_ticket, {});
  });
  const auto wish = nat::read_wish(a.view(), settings());
  REQUIRE(wish.has_value());
  CHECK(wish->ports == nat::port_pool::wanted::even_and_next);
  CHECK(wish->family == stun::address_family::v6);
  CHECK(wish->mobile);
  CHECK_FALSE(wish->both_families);
  CHECK_FALSE(wish->token.has_value());
}

TEST_CASE("lifetimes are granted between the default and the most; none is the default, another form none") {
  const auto s = settings();
  const auto granted = [&](const fill& f) { return nat::granted_lifetime(asked(f).view(), s); };
  CHECK(granted([](auto&) {}) == 600s);
  CHECK(granted([](auto& w) { w.add_number32(type::lifetime, 0); }) == 0s);
  CHECK(granted([](auto& w) { w.add_number32(type::lifetime, 700); }) == 700s);
  CHECK(granted([](auto& w) { w.add_number32(type::lifetime, 0xffffffff); }) == 3600s);
  CHECK(granted([](auto& w) { w.add(type::lifetime, core::bytes{1}); }) == std::nullopt);
}

TEST_CASE("what TURN does not know has to be refused where it may not be passed over") {
  for (const auto known : {type::username, type::lifetime, type::xor_peer_address, type::reservation_token, type::mobility_ticket})
    CHECK_FALSE(nat::unknown_to_turn(known, false));
  for (const auto unknown : {type::dont_fragment, type::change_request, type::use_candidate, type::connection_id})
    CHECK(nat::unknown_to_turn(unknown, false));
  CHECK_FALSE(nat::unknown_to_turn(type::dont_fragment, true));
  CHECK(nat::unknown_to_turn(0x7fff, true));
  CHECK_FALSE(nat::unknown_to_turn(0xffff, false));
}

}  // namespace turn_wish_test
