#include "phyllo/stun/attribute.hpp"

#include <doctest.h>

#include <algorithm>

namespace stun_attribute_test {

using namespace phyllo;

TEST_CASE("the table rises by type, and each type and name stands once") {
  const auto table = stun::attribute_table();
  CHECK(std::ranges::is_sorted(table, std::ranges::less_equal{}, &stun::attribute_info::type));
  CHECK(std::ranges::adjacent_find(table, {}, &stun::attribute_info::type) == table.end());
  for (const auto& a : table) {
    CHECK(std::ranges::count(table, a.name, &stun::attribute_info::name) == 1);
    CHECK(stun::attribute_of(a.type) == &a);
    CHECK(a.shortest <= a.longest);
  }
}

TEST_CASE("attributes have the numbers and lengths of IANA's registry") {
  struct row {
    std::uint16_t type;
    const char* name;
    std::size_t fits;
    std::size_t does_not;
  };
  namespace t = stun::attribute_type;
  for (const auto& r : {
           row{t::mapped_address, "MAPPED-ADDRESS", 8, 4},
           row{t::username, "USERNAME", 509, 510},
           row{t::xor_peer_address, "XOR-PEER-ADDRESS", 20, 21},
           row{t::even_port, "EVEN-PORT", 1, 4},
           row{t::requested_transport, "REQUESTED-TRANSPORT", 4, 1},
           row{t::userhash, "USERHASH", 32, 31},
           row{t::reservation_token, "RESERVATION-TOKEN", 8, 9},
           row{t::icmp, "ICMP", 8, 4},
           row{t::mobility_ticket, "MOBILITY-TICKET", 0, 0x10000},
           row{t::connection_id, "CONNECTION-ID", 4, 8},
           row{t::other_address, "OTHER-ADDRESS", 8, 7},
           row{t::ice_controlling, "ICE-CONTROLLING", 8, 4},
       }) {
    const auto* a = stun::attribute_of(r.type);
    REQUIRE(a != nullptr);
    CHECK(a->name == r.name);
    CHECK(a->takes(r.fits));
    CHECK_FALSE(a->takes(r.does_not));
  }
  CHECK(stun::attribute_of(0x7fff) == nullptr);
  CHECK(stun::attribute_of(0xffff) == nullptr);
}

TEST_CASE("the upper half of the numbers may be passed over") {
  CHECK(stun::comprehension_required(0x7fff));
  CHECK_FALSE(stun::comprehension_required(0x8000));
}

}  // namespace stun_attribute_test
