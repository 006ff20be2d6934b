#include "chord/chord_contacts.hpp"

#include <doctest.h>

namespace chord_contacts_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

identity::node_id numbered(unsigned i) {
  identity::node_id n;
  n.octets[14] = static_cast<std::uint8_t>(i >> 8);
  n.octets[15] = static_cast<std::uint8_t>(i);
  return n;
}

}  // namespace

TEST_CASE("who has failed is known for a while, or until it is linked again") {
  overlay::chord_contacts c({1, 2});
  const core::time_point now{100s};
  c.note_failed(numbered(1), now);
  c.note_failed(numbered(2), now);
  CHECK(c.has_failed(numbered(1), now + 89s));
  CHECK_FALSE(c.has_failed(numbered(1), now + 90s));
  c.note_linked(numbered(2));
  CHECK_FALSE(c.has_failed(numbered(2), now));
  CHECK_FALSE(c.has_failed(numbered(3), now));
}

TEST_CASE("places are kept as they were told last, and nothing told leaves them as they are") {
  overlay::chord_contacts c({1, 2});
  CHECK(c.places_of(numbered(1)).empty());
  const transport::candidate there{transport::link_kind::tls, {asio::ip::make_address_v4("192.0.2.1"), 6084}};
  c.learn_places(numbered(1), {there});
  c.learn_places(numbered(1), {});
  CHECK(c.places_of(numbered(1)) == overlay::places{there});
}

TEST_CASE("however many are named, the tables stay bounded") {
  overlay::chord_contacts c({1, 2});
  const core::time_point now{100s};
  for (unsigned i = 0; i < 2 * overlay::chord_contacts::failed_max; ++i) c.note_failed(numbered(i), now);
  CHECK_FALSE(c.has_failed(numbered(0), now));
  CHECK(c.has_failed(numbered(2 * overlay::chord_contacts::failed_max - 1), now));
}

}  // namespace chord_contacts_test
