#include "reload/ip_address_port.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"

namespace ip_address_port_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::from_digits;

namespace {

core::bytes written(const transport::endpoint& e) {
  core::bytes out;
  core::wire_writer w(out);
  write_address_port(w, e);
  return out;
}

std::optional<transport::endpoint> read(core::byte_view bytes) {
  core::wire_reader r(bytes);
  const auto e = read_address_port(r);
  return r.done() ? std::optional(e) : std::nullopt;
}

std::optional<transport::endpoint> read_any(core::byte_view bytes) {
  core::wire_reader r(bytes);
  const auto e = read_any_address_port(r);
  return r.done() ? std::optional(e) : std::nullopt;
}

}  // namespace

TEST_CASE("addresses of both families are laid out as RFC 6940 s.6.3.1.1 says") {
  const transport::endpoint v4{asio::ip::make_address("192.0.2.1"), 6084};
  const transport::endpoint v6{asio::ip::make_address("2001:db8::ff"), 443};
  CHECK(written(v4) == from_digits("01 06 c0000201 17c4"));
  CHECK(written(v6) == from_digits("02 12 20010db80000000000000000000000ff 01bb"));
  for (const auto& e : {v4, v6}) {
    CHECK(read(written(e)) == e);
    CHECK(read_any(written(e)) == e);
    testing::check_reads_whole_only(written(e), read);
    testing::check_reads_whole_only(written(e), read_any);
  }
}

TEST_CASE("an address whose length is not its family's is refused") {
  for (const auto* digits : {"01 05 c0000201 17", "01 07 c0000201 17c4 00", "02 06 c0000201 17c4",
                             "01 12 20010db80000000000000000000000ff 01bb", "02 13 20010db80000000000000000000000ff 01bb 00", "01 00"}) {
    CAPTURE(digits);
    CHECK_FALSE(read(from_digits(digits)).has_value());
    CHECK_FALSE(read_any(from_digits(digits)).has_value());
  }
}

TEST_CASE("an address of an unknown family is passed over by its length where any will do, and refused elsewhere") {
  for (const auto* digits : {"03 04 01020304", "00 00", "ff 01 00"}) {
    CAPTURE(digits);
    CHECK_FALSE(read(from_digits(digits)).has_value());
    const auto e = read_any(from_digits(digits));
    REQUIRE(e.has_value());
    CHECK(e->address.is_unspecified());
  }
  CHECK_FALSE(read_any(from_digits("03 04 010203")).has_value());
}

}  // namespace ip_address_port_test
