#include "kinds/sip_registration.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace sip_registration_test {

using namespace phyllo;
using overlay::sip_registration;
using overlay::sip_registration_type;
using testing::from_digits;
using testing::id;

namespace {

sip_registration route_of(std::size_t entries) {
  sip_registration s;
  s.route.assign(entries, overlay::destination::to_node(id(1, 2)));
  return s;
}

bool refused(std::string_view digits) {
  const auto s = sip_registration::decode(from_digits(digits));
  return !s && s.error() == overlay::errc::invalid_record;
}

}  // namespace

TEST_CASE("a SipRegistration is another AOR, or a route with contact preferences, as RFC 7904 s.3.2 lays them out") {
  sip_registration uri;
  uri.type = sip_registration_type::uri;
  uri.uri = "a@b";
  CHECK(uri.encode() == from_digits("01 0005 0003 614062"));
  testing::check_round_trip(uri);
  auto route = route_of(1);
  route.contact_prefs = "(x)";
  CHECK(route.encode() == from_digits("02 0019 0003 287829 0012 01 10 01000000000000000000000000000002"));
  testing::check_round_trip(route);
}

TEST_CASE("a SipRegistration leads somewhere: an empty AOR or route is refused, and so is any other type") {
  CHECK(refused("01 0002 0000"));
  CHECK(refused("02 0004 0000 0000"));
  CHECK(refused("00 0005 0003 614062"));
  CHECK(refused("03 0005 0003 614062"));
  CHECK(refused("01 0006 0003 614062 00"));
  CHECK(refused("01 0005 0003 614062 00"));
  CHECK(refused("02 0006 0000 0002 0110"));  // a destination that is cut
}

TEST_CASE("a route has sixteen entries at most") {
  CHECK(sip_registration::decode(route_of(16).encode())->route.size() == 16);
  CHECK_FALSE(sip_registration::decode(route_of(17).encode()).has_value());
}

TEST_CASE("an AOR stands at the hash of its user part and domain, which the overlay chooses") {
  CHECK(overlay::user_resource("abc").hex() == "ba7816bf8f01cfea414140de5dae2223");
  CHECK(overlay::user_resource("abc", overlay::resource_hash::sha1).hex() == "a9993e364706816aba3e25717850c26c");
}

}  // namespace sip_registration_test
