#include "storage/fetch_message.hpp"

#include <doctest.h>

#include "phyllo/identity/digest.hpp"
#include "support/codec_check.hpp"
#include "support/example_kinds.hpp"
#include "support/node_ids.hpp"

namespace fetch_message_test {

using namespace phyllo;
using overlay::data_model;
using overlay::data_specifier;
using overlay::fetch_answer;
using overlay::fetch_request;
using overlay::stat_answer;
using overlay::stored_data;
using testing::check_reads_whole_only;
using testing::example_kinds;
using testing::example_value;
using testing::from_digits;
using testing::id;

namespace {

fetch_request request_for(std::vector<data_specifier> specifiers) {
  return {.resource = id(0x12, 0x34), .specifiers = std::move(specifiers), .unknown = {}};
}

core::result<fetch_request> again(const fetch_request& f) { return fetch_request::decode(f.encode(example_kinds), example_kinds); }

// Of the array, these ranges.
data_specifier ranges(std::vector<std::pair<std::uint32_t, std::uint32_t>> r) {
  return {.kind = 2, .generation = 0, .ranges = std::move(r), .keys = {}};
}

stored_data element(std::uint32_t index) {
  auto d = example_value(data_model::array, "v");
  d.value.index = index;
  return d;
}

std::vector<std::uint32_t> indexes(const std::vector<stored_data>& of) {
  std::vector<std::uint32_t> out;
  for (const auto& d : of) {
    CHECK_FALSE(d.value.exists);
    CHECK(d.value.model == data_model::array);
    out.push_back(d.value.index);
  }
  return out;
}

}  // namespace

TEST_CASE("a FetchReq has a specifier for each Kind, by its data model, as RFC 6940 s.7.4.2.1 says") {
  const auto f = request_for({{.kind = 1, .generation = 4, .ranges = {}, .keys = {}},
                              ranges({{0, 3}}),
                              {.kind = 3, .generation = 0, .ranges = {}, .keys = {{'a', 'b'}}}});
  const auto bytes = f.encode(example_kinds);
  CHECK(bytes == from_digits("10 12000000000000000000000000000034 003a"
                             "00000001 0000000000000004 0000"
                             "00000002 0000000000000000 000a 0008 00000000 00000003"
                             "00000003 0000000000000000 0006 0004 0002 6162"));
  const auto back = again(f);
  REQUIRE(back.has_value());
  CHECK(back->resource == f.resource);
  CHECK(back->specifiers == f.specifiers);
  CHECK(back->unknown.empty());
  check_reads_whole_only(bytes, [](core::byte_view b) { return fetch_request::decode(b, example_kinds).has_value(); });
}

TEST_CASE("ranges that overlap or run backwards, and a Kind that is there twice, are malformed") {
  CHECK(again(request_for({ranges({{6, 7}, {0, 5}})})).has_value());
  CHECK_FALSE(again(request_for({ranges({{0, 5}, {5, 7}})})).has_value());
  CHECK_FALSE(again(request_for({ranges({{5, 7}, {0, 5}})})).has_value());
  CHECK_FALSE(again(request_for({ranges({{6, 5}})})).has_value());
  CHECK_FALSE(again(request_for({ranges({{0, 1}}), ranges({{2, 3}})})).has_value());
  // A single value has nothing to specify.
  CHECK_FALSE(
      fetch_request::decode(from_digits("10 12000000000000000000000000000034 0010 00000001 0000000000000004 0002 0000"), example_kinds)
          .has_value());
  // A range of which one end is missing.
  CHECK_FALSE(fetch_request::decode(from_digits("10 12000000000000000000000000000034 0014 00000002 0000000000000004 0006 0004 00000000"),
                                    example_kinds)
                  .has_value());
}

TEST_CASE("Kinds that nobody knows here are told, and what is asked of them is passed over") {
  const auto back = fetch_request::decode(from_digits("10 12000000000000000000000000000034 001f"
                                                      "00000077 0000000000000004 0003 ffffff"
                                                      "00000001 0000000000000004 0000"),
                                          example_kinds);
  REQUIRE(back.has_value());
  CHECK(back->unknown == std::vector<overlay::kind_id>{0x77});
  REQUIRE(back->specifiers.size() == 1);
  CHECK(back->specifiers[0].kind == 1);
}

TEST_CASE("a specifier asks for the single value, for elements in its ranges, for its keys or, without any, for all of them") {
  CHECK(overlay::asks_for({.kind = 1, .generation = 0, .ranges = {}, .keys = {}}, example_value(data_model::single, "v").value));
  const auto some = ranges({{1, 2}, {5, 5}});
  for (const std::uint32_t in : {1U, 2U, 5U}) CHECK(overlay::asks_for(some, element(in).value));
  for (const std::uint32_t out : {0U, 3U, 4U, 6U}) CHECK_FALSE(overlay::asks_for(some, element(out).value));
  CHECK_FALSE(overlay::asks_for(ranges({}), element(0).value));
  data_specifier keyed{.kind = 3, .generation = 0, .ranges = {}, .keys = {}};
  const auto entry = example_value(data_model::dictionary, "v").value;
  CHECK(overlay::asks_for(keyed, entry));
  keyed.keys = {{'x'}};
  CHECK_FALSE(overlay::asks_for(keyed, entry));
  keyed.keys.push_back({'k'});
  CHECK(overlay::asks_for(keyed, entry));
  CHECK(overlay::asks_for(overlay::everything_of(example_kinds[1]), element(0xfffffffe).value));
  CHECK(overlay::everything_of(example_kinds[2]).keys.empty());
}

TEST_CASE("0xffffffff at the beginning of a range is the last element that there is") {
  const auto last = ranges({{0xffffffff, 0xffffffff}, {1, 0xffffffff}});
  CHECK(overlay::with_final_element(last, 7).ranges == decltype(last.ranges){{7, 0xffffffff}, {1, 0xffffffff}});
  CHECK(overlay::with_final_element(last, std::nullopt).ranges == last.ranges);
}

TEST_CASE("what is asked for and not there is told as values that do not exist") {
  const data_specifier single{.kind = 1, .generation = 0, .ranges = {}, .keys = {}};
  CHECK(overlay::missing_from(single, data_model::single, {}, std::nullopt).size() == 1);
  CHECK(overlay::missing_from(single, data_model::single, {example_value(data_model::single, "v")}, std::nullopt).empty());
  const data_specifier keyed{.kind = 3, .generation = 0, .ranges = {}, .keys = {{'k'}, {'x'}}};
  const auto absent = overlay::missing_from(keyed, data_model::dictionary, {example_value(data_model::dictionary, "v")}, std::nullopt);
  REQUIRE(absent.size() == 1);
  CHECK(absent[0].value.key == core::bytes{'x'});
  CHECK_FALSE(absent[0].value.exists);
  CHECK(overlay::missing_from(overlay::everything_of(example_kinds[2]), data_model::dictionary, {}, std::nullopt).empty());
  const std::vector found{element(2), element(4)};
  CHECK(indexes(overlay::missing_from(ranges({{0, 2}, {4, 9}}), data_model::array, found, 5)) == std::vector<std::uint32_t>{0, 1, 5});
  CHECK(overlay::missing_from(ranges({{6, 9}}), data_model::array, found, 5).empty());
  CHECK(overlay::missing_from(ranges({{0, 9}}), data_model::array, {}, std::nullopt).empty());
  CHECK(overlay::missing_from(ranges({{0, 0xffffffff}}), data_model::array, {}, 0xffffffff).size() == overlay::gaps_max);
}

TEST_CASE("a FetchAns reads back as it was, and is refused with a Kind that was not asked for") {
  const fetch_answer a{{{.kind = 1, .generation = 3, .values = {example_value(data_model::single, "abc")}},
                        {.kind = 2, .generation = 4, .values = {element(1), element(2)}},
                        {.kind = 3, .generation = 5, .values = {}}}};
  const auto bytes = a.encode();
  CHECK(
      core::to_hex(bytes).starts_with("00000097"
                                      "00000001"
                                      "0000000000000003"
                                      "00000021"
                                      "0000001d"
                                      "0102030405060708"
                                      "00015180"));
  const auto back = fetch_answer::decode(bytes, example_kinds);
  REQUIRE(back.has_value());
  CHECK(back->encode() == bytes);
  CHECK(back->kinds.at(1).values.at(1).value.index == 2);
  check_reads_whole_only(bytes, [](core::byte_view b) { return fetch_answer::decode(b, example_kinds).has_value(); });
  CHECK_FALSE(fetch_answer::decode(fetch_answer{{{.kind = 9, .generation = 3, .values = {}}}}.encode(), example_kinds).has_value());
}

TEST_CASE("an answer has 4096 values at most") {
  fetch_answer a{{{.kind = 1, .generation = 3, .values = std::vector(4096, overlay::nonexistent(data_model::single, {}))}}};
  CHECK(fetch_answer::decode(a.encode(), example_kinds).has_value());
  a.kinds.push_back({.kind = 2, .generation = 3, .values = {element(1)}});
  CHECK_FALSE(fetch_answer::decode(a.encode(), example_kinds).has_value());
}

TEST_CASE("Stat's digest is over the value with its length") {
  stored_data d;
  d.value.value = core::to_bytes("abc");
  const auto m = overlay::stored_metadata::of(d, 7);
  const core::bytes text{0, 0, 0, 3, 'a', 'b', 'c'};
  const auto hash = identity::sha256(text);
  CHECK(core::equal(m.hash, hash));
  CHECK(m.length == 3);
  CHECK(m.lifetime == 7);
}

TEST_CASE("a StatAns tells of each value its time, place, length and digest") {
  auto of_element = overlay::stored_metadata::of(element(7), 9);
  of_element.hash = {0xcc};
  auto of_entry = overlay::stored_metadata::of(overlay::nonexistent(data_model::dictionary, {'k'}), 0);
  const stat_answer a{{{.kind = 2, .generation = 1, .values = {of_element}}, {.kind = 3, .generation = 0, .values = {of_entry}}}};
  const auto bytes = a.encode();
  CHECK(
      core::to_hex(bytes).starts_with("00000076"
                                      "00000002"
                                      "0000000000000001"
                                      "0000001c"
                                      "00000018"
                                      "0102030405060708"
                                      "00000009"
                                      "00000007"
                                      "01"
                                      "00000001"
                                      "04"
                                      "01cc"));
  CHECK(stat_answer::decode(bytes, example_kinds) == a);
  check_reads_whole_only(bytes, [](core::byte_view b) { return stat_answer::decode(b, example_kinds).has_value(); });
  auto neither = bytes;
  neither.at(4 + 16 + 4 + 16) = 2;  // `exists` of the element
  CHECK_FALSE(stat_answer::decode(neither, example_kinds).has_value());
}

TEST_CASE("FindReq and FindAns are laid out as RFC 6940 s.7.4.4 says; no Kind is asked for twice") {
  const overlay::find_request f{id(0x12, 0x34), {1, 0x104}};
  CHECK(f.encode() == from_digits("10 12000000000000000000000000000034 08 00000001 00000104"));
  CHECK(overlay::find_request::decode(f.encode()) == f);
  check_reads_whole_only(f.encode(), [](core::byte_view b) { return overlay::find_request::decode(b).has_value(); });
  CHECK_FALSE(overlay::find_request::decode(overlay::find_request{id(1), {4, 4}}.encode()).has_value());
  CHECK_FALSE(overlay::find_request::decode(from_digits("10 12000000000000000000000000000034 02 0001")).has_value());
  const overlay::find_answer a{{{1, id(0x56, 0x78)}, {2, {}}}};
  CHECK(a.encode() == from_digits("002a 00000001 10 56000000000000000000000000000078 00000002 10 00000000000000000000000000000000"));
  CHECK(overlay::find_answer::decode(a.encode()) == a);
  check_reads_whole_only(a.encode(), [](core::byte_view b) { return overlay::find_answer::decode(b).has_value(); });
}

}  // namespace fetch_message_test
