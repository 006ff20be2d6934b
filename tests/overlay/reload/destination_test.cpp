#include "reload/destination.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace destination_test {

using namespace phyllo;
using namespace phyllo::overlay;
using testing::from_digits;
using testing::id;

namespace {

core::bytes written(const destination& d) {
  core::bytes out;
  core::wire_writer w(out);
  d.write(w);
  return out;
}

std::optional<destination> read(core::byte_view bytes) {
  core::wire_reader r(bytes);
  auto d = destination::read(r);
  if (!r.done()) return std::nullopt;
  return d;
}

}  // namespace

TEST_CASE("destinations are laid out as RFC 6940 s.6.3.2.2 says, and read back as they were") {
  const auto node = destination::to_node(id(0x11, 0x22));
  const auto resource = destination::to_resource(id(0x33, 0x44));
  const destination opaque{destination_type::opaque, {}, {0xaa, 0xbb}};
  CHECK(written(node) == from_digits("01 10 11000000000000000000000000000022"));
  CHECK(written(resource) == from_digits("02 11 10 33000000000000000000000000000044"));
  CHECK(written(opaque) == from_digits("03 03 02 aabb"));
  for (const auto& d : {node, resource, opaque}) {
    CHECK(read(written(d)) == d);
    testing::check_reads_whole_only(written(d), read);
  }
}

TEST_CASE("a two-byte destination with its top bit set is an opaque id of two bytes") {
  const core::bytes data{0x81, 0x02};
  const auto list = decode_destinations(data, 4);
  REQUIRE(list.has_value());
  CHECK(list->front() == destination{destination_type::opaque, {}, {0x81, 0x02}});
}

TEST_CASE("destinations of other types and lengths are refused") {
  CHECK_FALSE(read(from_digits("00 10 11000000000000000000000000000022")).has_value());
  CHECK_FALSE(read(from_digits("04 01 00")).has_value());
  CHECK_FALSE(read(from_digits("01 0f 110000000000000000000000000000")).has_value());
  CHECK_FALSE(read(from_digits("01 11 1100000000000000000000000000002200")).has_value());
  CHECK_FALSE(read(from_digits("02 10 0f 330000000000000000000000000000")).has_value());
  CHECK_FALSE(read(from_digits("02 12 10 33000000000000000000000000000044 00")).has_value());
  CHECK_FALSE(read(from_digits("03 03 01 aabb")).has_value());
  CHECK_FALSE(read(from_digits("03 02 02 aa")).has_value());
}

TEST_CASE("a list is read to its end, with no more entries than are allowed") {
  core::bytes three;
  core::wire_writer w(three);
  for (std::uint8_t n = 1; n <= 3; ++n) destination::to_node(id(n)).write(w);
  const auto list = decode_destinations(three, 3);
  REQUIRE(list.has_value());
  CHECK(*list == destination_list{destination::to_node(id(1)), destination::to_node(id(2)), destination::to_node(id(3))});
  CHECK_FALSE(decode_destinations(three, 2).has_value());
  CHECK_FALSE(decode_destinations(core::byte_view(three).first(53), 3).has_value());
  CHECK(decode_destinations({}, 0)->empty());
}

TEST_CASE("the wildcard is a Node-ID of ones only, and a destination is a node's only if it is of its type") {
  node_id ones;
  ones.octets.fill(0xff);
  CHECK(destination::to_node(ones).wildcard());
  CHECK_FALSE(destination::to_resource(ones).wildcard());
  ones.octets.back() = 0xfe;
  CHECK_FALSE(destination::to_node(ones).wildcard());
  CHECK(destination::to_node(id(1)).is_node(id(1)));
  CHECK_FALSE(destination::to_node(id(1)).is_node(id(2)));
  CHECK_FALSE(destination::to_resource(id(1)).is_node(id(1)));
}

TEST_CASE("lists with duplicate entries are seen") {
  CHECK(has_duplicates({destination::to_node(id(1)), destination::to_node(id(2)), destination::to_node(id(1))}));
  CHECK_FALSE(has_duplicates({destination::to_node(id(1)), destination::to_resource(id(1))}));
}

}  // namespace destination_test
