#include "storage/store_message.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/example_kinds.hpp"
#include "support/node_ids.hpp"

namespace store_message_test {

using namespace phyllo;
using overlay::data_model;
using overlay::store_answer;
using overlay::store_request;
using testing::check_reads_whole_only;
using testing::example_kinds;
using testing::example_value;
using testing::from_digits;
using testing::id;

namespace {

store_request store_of(std::vector<overlay::store_kind_data> kinds) {
  return {.resource = id(0x12, 0x34), .replica_number = 0, .kinds = std::move(kinds), .unknown = {}};
}

core::result<store_request> read(core::byte_view b) { return store_request::decode(b, example_kinds); }

}  // namespace

TEST_CASE("the example store of RFC 6940 has this form on the wire") {
  store_request r;
  r.resource.octets.fill(0x12);
  overlay::stored_data abc;
  abc.storage_time = 0x0102030405060708;
  abc.lifetime = 86400;
  abc.value.model = data_model::single;
  abc.value.value = core::to_bytes("abc");
  abc.signature = {.hash = 8, .algorithm = 7, .identity_type = 1, .identity_value = {0xAA}, .value = {0xBB}};
  overlay::stored_data foo = abc;
  foo.value = {.model = data_model::array, .index = 0, .key = {}, .exists = true, .value = core::to_bytes("foo")};
  overlay::stored_data bar = foo;
  bar.lifetime = 33200;
  bar.value.index = 1;
  bar.value.value = core::to_bytes("bar");
  r.kinds = {{.kind = 1, .generation = 99, .values = {abc}}, {.kind = 2, .generation = 107, .values = {foo, bar}}};
  const std::string signature =
      "08070100"
      "01aa"
      "0001bb";
  const std::string head = "0102030405060708";
  const auto x = head + "00015180" +
                 "01"
                 "00000003"
                 "616263" +
                 signature;
  const auto y0 = head + "00015180" +
                  "00000000"
                  "01"
                  "00000003"
                  "666f6f" +
                  signature;
  const auto y1 = head + "000081b0" +
                  "00000001"
                  "01"
                  "00000003"
                  "626172" +
                  signature;
  const auto expected = "10" + std::string(32, ' ') + "00" + "0000008b" +
                        "00000001"
                        "0000000000000063"
                        "00000021"
                        "0000001d" +
                        x +
                        "00000002"
                        "000000000000006b"
                        "0000004a"
                        "00000021" +
                        y0 + "00000021" + y1;
  auto hex = core::to_hex(r.encode());
  hex.replace(2, 32, std::string(32, ' '));
  CHECK(hex == expected);
  CHECK(read(r.encode())->encode() == r.encode());
  check_reads_whole_only(r.encode(), read);
}

TEST_CASE("a StoreReq of all data models, as root's or as replica's, reads back as it was") {
  auto s = store_of({{.kind = 3, .generation = ~std::uint64_t{0}, .values = {example_value(data_model::dictionary, "d")}},
                     {.kind = 1, .generation = 0, .values = {overlay::nonexistent(data_model::single, {})}},
                     {.kind = 2, .generation = 2, .values = {}}});
  s.replica_number = 2;
  const auto back = read(s.encode());
  REQUIRE(back.has_value());
  CHECK(back->resource == s.resource);
  CHECK(back->replica_number == 2);
  REQUIRE(back->kinds.size() == 3);
  CHECK(back->kinds[0].generation == ~std::uint64_t{0});
  CHECK(back->kinds[0].values.at(0).value == s.kinds[0].values[0].value);
  CHECK_FALSE(back->kinds[1].values.at(0).value.exists);
  CHECK(back->encode() == s.encode());
  check_reads_whole_only(s.encode(), read);
}

TEST_CASE("a Kind that is there twice is malformed; an unknown one is told, and its values are passed over") {
  CHECK_FALSE(
      read(store_of({{.kind = 1, .generation = 1, .values = {}}, {.kind = 1, .generation = 1, .values = {}}}).encode()).has_value());
  const auto mixed = read(store_of({{.kind = 77, .generation = 1, .values = {example_value(data_model::single, "x")}},
                                    {.kind = 1, .generation = 1, .values = {example_value(data_model::single, "y")}}})
                              .encode());
  REQUIRE(mixed.has_value());
  CHECK(mixed->unknown == std::vector<overlay::kind_id>{77});
  REQUIRE(mixed->kinds.size() == 1);
  CHECK(mixed->kinds[0].values.at(0).value.value == core::to_bytes("y"));
  CHECK_FALSE(
      read(store_of({{.kind = 77, .generation = 1, .values = {}}, {.kind = 77, .generation = 1, .values = {}}}).encode()).has_value());
}

TEST_CASE("a StoreReq has 1024 values of a Kind at most") {
  const auto many = [](std::size_t count) {
    return store_of({{.kind = 2, .generation = 1, .values = std::vector(count, example_value(data_model::array, "x"))}}).encode();
  };
  CHECK(read(many(1024))->kinds.at(0).values.size() == 1024);
  CHECK_FALSE(read(many(1025)).has_value());
}

TEST_CASE("a Resource-ID of another length than this overlay's is refused") {
  auto bytes = store_of({}).encode();
  REQUIRE(read(bytes).has_value());
  bytes[0] = 15;
  CHECK_FALSE(read(bytes).has_value());
  CHECK_FALSE(read(from_digits("14 0000000000000000000000000000000000000000 00 00000000")).has_value());
}

TEST_CASE("a StoreAns tells of each Kind its generation and who has copies") {
  const store_answer a{{{.kind = 3, .generation = 0x0a0b, .replicas = {id(1, 1), id(2, 2)}}, {.kind = 1, .generation = 1, .replicas = {}}}};
  CHECK(a.encode() == from_digits("003c  00000003 0000000000000a0b 0020 01000000000000000000000000000001 02000000000000000000000000000002"
                                  "00000001 0000000000000001 0000"));
  CHECK(store_answer::decode(a.encode()) == a);
  check_reads_whole_only(a.encode(), [](core::byte_view b) { return store_answer::decode(b).has_value(); });
  CHECK_FALSE(store_answer::decode(from_digits("001d 00000003 0000000000000a0b 000f 010000000000000000000000000001")).has_value());
}

}  // namespace store_message_test
