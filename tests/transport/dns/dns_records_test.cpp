#include "transport/dns/dns_records.hpp"

#include <doctest.h>

#include "phyllo/transport/errc.hpp"
#include "support/dns_server.hpp"

namespace dns_records_test {

using namespace phyllo;
using namespace phyllo::testing;
using namespace std::chrono_literals;

namespace {

// For example.com.
core::bytes query(std::uint16_t type) {
  auto out = *core::from_hex("000101000001000000000000");
  core::append(out, encoded("example.com"));
  core::wire_writer w(out);
  w.u16(type);
  w.u16(1);
  return out;
}

}  // namespace

TEST_CASE("SRV records are read with all their fields (RFC 2782)") {
  const auto answer =
      answer_to(query(type_srv), {srv_data(10, 20, 5061, "one.example.com"), srv_data(65535, 0, 1, "two.example.com")}, 60, 0);
  const auto read = transport::parse_srv(answer);
  REQUIRE(read);
  REQUIRE(read->records.size() == 2);
  CHECK(read->records[0].priority == 10);
  CHECK(read->records[0].weight == 20);
  CHECK(read->records[0].port == 5061);
  CHECK(read->records[0].target == "one.example.com");
  CHECK(read->records[1].priority == 65535);
  CHECK(read->ttl == 60s);
}

TEST_CASE("NAPTR records are read with all their fields (RFC 3403 s.4.1)") {
  const auto read = transport::parse_naptr(answer_to(query(type_naptr), {naptr_data(50, "SIPS+D2T", "_sips._tcp.example.com")}, 7, 0));
  REQUIRE(read);
  REQUIRE(read->records.size() == 1);
  CHECK(read->records[0].order == 50);
  CHECK(read->records[0].preference == 10);
  CHECK(read->records[0].flags == "s");
  CHECK(read->records[0].service == "SIPS+D2T");
  CHECK(read->records[0].replacement == "_sips._tcp.example.com");
  CHECK(read->ttl == 7s);
}

TEST_CASE("an answer that breaks off is malformed, wherever it does") {
  const auto whole = answer_to(query(type_srv), {srv_data(1, 2, 5061, "one.example.com")}, 60, 0);
  const auto parsed = transport::parse_srv(whole);
  REQUIRE(parsed.has_value());
  CHECK(parsed->ttl == 60s);
  for (std::size_t n = 0; n < whole.size(); ++n) CHECK_FALSE(transport::parse_srv(core::byte_view(whole).first(n)).has_value());
}

TEST_CASE("an answer without records of that kind is an empty list") {
  const auto none = transport::parse_srv(answer_to(query(type_srv), {}, 60, 0));
  REQUIRE(none);
  CHECK(none->records.empty());
  CHECK(none->ttl == 0s);
}

TEST_CASE("a time to live with its highest bit set is none (RFC 2181 s.8)") {
  const auto ttl = [](std::uint32_t seconds) {
    return transport::parse_srv(answer_to(query(type_srv), {srv_data(1, 2, 3, "a.example.com")}, seconds, 0)).value().ttl;
  };
  CHECK(ttl(0x7fffffff) == std::chrono::seconds(0x7fffffff));
  CHECK(ttl(0x80000000) == 0s);
  CHECK(ttl(0xffffffff) == 0s);
}

TEST_CASE("of many records the first 64 are taken") {
  std::vector<core::bytes> records;
  for (std::uint16_t i = 0; i < 100; ++i) records.push_back(srv_data(i, 0, 1, "a.example.com"));
  const auto read = transport::parse_srv(answer_to(query(type_srv), records, 60, 0));
  REQUIRE(read);
  CHECK(read->records.size() == 64);
  CHECK(read->records[63].priority == 63);
}

TEST_CASE("random octets are no answer, and none of them is read beyond its end") {
  std::uint32_t state = 1;
  for (int i = 0; i < 2000; ++i) {
    core::bytes text = answer_to(query(type_srv), {srv_data(1, 2, 3, "a.example.com")}, 60, 0);
    for (int n = 0; n < 4; ++n) {
      state = state * 1664525 + 1013904223;
      text[(state >> 8) % text.size()] = static_cast<std::uint8_t>(state >> 24);
    }
    const auto read = transport::parse_srv(text);
    if (!read) CHECK(read.error() == transport::errc::malformed);
    if (read) CHECK(read->records.size() <= 1);
  }
}

}  // namespace dns_records_test
