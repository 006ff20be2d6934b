#include "phyllo/core/wire.hpp"

#include <doctest.h>

namespace wire_test {

using namespace phyllo::core;

TEST_CASE("integers are written big-endian and read back") {
  bytes out;
  wire_writer w(out);
  w.u8(1);
  w.u16(0x0203);
  w.u24(0x040506);
  w.u32(0x0708090a);
  w.u64(0x0b0c0d0e0f101112);
  CHECK(to_hex(out) == "0102030405060708090a0b0c0d0e0f101112");
  wire_reader r(out);
  CHECK(r.u8() == 1);
  CHECK(r.u16() == 0x0203);
  CHECK(r.u24() == 0x040506);
  CHECK(r.u32() == 0x0708090a);
  CHECK(r.u64() == 0x0b0c0d0e0f101112);
  CHECK(r.done());
}

TEST_CASE("a read past the end fails the reader for good") {
  const bytes data{0, 5, 1, 2};
  wire_reader r(data);
  CHECK(r.opaque(2).empty());
  CHECK_FALSE(r.ok());
  CHECK(r.u8() == 0);
  CHECK_FALSE(r.done());
}

TEST_CASE("a marked length is filled in when the content is complete") {
  bytes out;
  wire_writer w(out);
  const auto outer = w.open(2);
  w.opaque(1, as_bytes("abc"));
  w.close(outer);
  CHECK(to_hex(out) == "000403616263");
}

}  // namespace wire_test
