#include "transport/dns/mdns_message.hpp"

#include <doctest.h>

namespace mdns_message_test {

using namespace phyllo;
using transport::mdns_peer;
using transport::mdns_query;

namespace {

// As another responder prints it: names compressed, the cache-flush bit, an IPv6 address.
const char* const compressed_text =
    "123484000001000100000003075f72656c6f6164045f756470056c6f63616c00000c0001c00c000c00010000000a00131030313233343536373839616263646566c00c"
    "c030002180010000000a001e0000000017c41030313233343536373839616263646566056c6f63616c00c030001000010000000a001c1b6f7665726c61793d6f766572"
    "6c61792e6578616d706c652e636f6d1030313233343536373839616263646566056c6f63616c00001c00010000000a001020010db8000000000000000000000001";

mdns_peer peer(const std::string& address) { return {"0123456789abcdef", "overlay.example.com", {asio::ip::make_address(address), 6084}}; }

core::bytes with(core::bytes message, std::size_t at, std::uint8_t value) {
  message[at] = value;
  return message;
}

}  // namespace

TEST_CASE("a query is read again, and is that of RFC 6762: no flags, one question, a unicast answer wanted") {
  const auto printed = mdns_query{0x1234}.encode();
  CHECK(core::to_hex(printed) == "123400000001000000000000075f72656c6f6164045f756470056c6f63616c00000c8001");
  const auto read = mdns_query::decode(printed);
  REQUIRE(read.has_value());
  CHECK(read->id == 0x1234);
  CHECK_FALSE(mdns_query::decode(with(printed, 14, 'E')).has_value());                // another service
  CHECK(mdns_query::decode(with(printed, 14, 'R')).has_value());                      // names know no case
  CHECK_FALSE(mdns_query::decode(with(printed, 2, 0x80)).has_value());                // an answer
  CHECK_FALSE(mdns_query::decode(with(printed, printed.size() - 3, 1)).has_value());  // for an A record
  for (std::size_t n = 0; n < printed.size(); ++n) CHECK_FALSE(mdns_query::decode(core::byte_view(printed).first(n)).has_value());
}

TEST_CASE("an answer names peer, overlay and address, of either family") {
  for (const auto* address : {"192.0.2.1", "2001:db8::1"}) {
    const mdns_query query{7};
    const auto printed = transport::encode_mdns_answer(query, peer(address));
    CHECK(printed.size() < 10 * query.encode().size());  // what a forged sender is worth
    CHECK(transport::read_mdns_answer(query, printed) == std::vector{peer(address)});
    CHECK(transport::read_mdns_answer({8}, printed).empty());  // to somebody else's question
    for (std::size_t n = 0; n < printed.size(); ++n) CHECK(transport::read_mdns_answer(query, core::byte_view(printed).first(n)).empty());
  }
}

TEST_CASE("another responder's compressed names are read") {
  const auto found = transport::read_mdns_answer({0x1234}, *core::from_hex(compressed_text));
  CHECK(found == std::vector{peer("2001:db8::1")});
}

TEST_CASE("a name that points to itself, ahead or in a circle ends the reading") {
  for (const auto* name : {"c00c", "c00e", "01610161c00c", "c0ff"}) {
    const auto text = std::string("000100000001000000000000") + name + "000c0001";
    CHECK_FALSE(mdns_query::decode(*core::from_hex(text)).has_value());
  }
}

}  // namespace mdns_message_test
