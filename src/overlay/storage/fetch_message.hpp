// FetchReq, FetchAns, StatAns, FindReq and FindAns (RFC 6940 s.7.4.2 to 7.4.4). A StatReq is a FetchReq.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "kinds/kind.hpp"
#include "phyllo/core/result.hpp"

namespace phyllo::overlay {

//  kind (4) | generation (8) | length (2) | model specifier
struct data_specifier {
  kind_id kind = 0;
  std::uint64_t generation = 0;                                 // the last one seen, or 0
  std::vector<std::pair<std::uint32_t, std::uint32_t>> ranges;  // array: first, last
  std::vector<core::bytes> keys;                                // dictionary; none: all
  friend bool operator==(const data_specifier&, const data_specifier&) = default;
};

// All values of a Kind.
[[nodiscard]] data_specifier everything_of(const kind& k);

struct fetch_request {
  resource_id resource;
  std::vector<data_specifier> specifiers;
  std::vector<kind_id> unknown;  // Kinds that the table lacks

  [[nodiscard]] core::bytes encode(kind_table kinds) const;
  // Nothing if malformed: overlapping ranges, a Kind twice.
  [[nodiscard]] static core::result<fetch_request> decode(core::byte_view body, kind_table kinds);
};

// Whether `s` asks for this value.
[[nodiscard]] bool asks_for(const data_specifier& s, const data_value& v);
// "0xffffffff is used to indicate the final element" (s.7.4.2.1), at either end of a range: with the index of that, if there is one.
[[nodiscard]] data_specifier with_final_element(data_specifier s, std::optional<std::uint32_t> array_end);

// The synthetic values for what `s` asks for and `found` lacks (s.7.4.2.2): a single value, named keys, and of an array the
// gaps before its end, `array_end` being the highest index known. At most `gaps_max` of them, since a range is cheap to ask for.
constexpr std::size_t gaps_max = 256;
[[nodiscard]] std::vector<stored_data> missing_from(const data_specifier& s, data_model model, const std::vector<stored_data>& found,
                                                    std::optional<std::uint32_t> array_end);

//  kind (4) | generation (8) | length (4) | StoredData ...
struct fetch_kind_response {
  kind_id kind = 0;
  std::uint64_t generation = 0;
  std::vector<stored_data> values;
};

struct fetch_answer {
  std::vector<fetch_kind_response> kinds;

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<fetch_answer> decode(core::byte_view body, kind_table kinds);
};

//  value_length (4) of the rest, as of StoredData | storage_time (8) | lifetime (4) | MetaDataValue
//  MetaData: exists (1) | value_length (4) | hash_algorithm (1) | length (1) | hash
struct stored_metadata {
  std::uint64_t storage_time = 0;
  std::uint32_t lifetime = 0;
  data_model model = data_model::dictionary;
  std::uint32_t index = 0;
  core::bytes key;
  bool exists = true;
  std::uint32_t length = 0;
  std::uint8_t hash_algorithm = 4;  // sha256, as in TLS's HashAlgorithm
  core::bytes hash;                 // of the DataValue's value with its four length bytes

  // With the lifetime that is left of it.
  [[nodiscard]] static stored_metadata of(const stored_data& d, std::uint32_t lifetime);
  friend bool operator==(const stored_metadata&, const stored_metadata&) = default;
};

struct stat_kind_response {
  kind_id kind = 0;
  std::uint64_t generation = 0;
  std::vector<stored_metadata> values;
  friend bool operator==(const stat_kind_response&, const stat_kind_response&) = default;
};

struct stat_answer {
  std::vector<stat_kind_response> kinds;

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<stat_answer> decode(core::byte_view body, kind_table kinds);
  friend bool operator==(const stat_answer&, const stat_answer&) = default;
};

struct find_request {
  resource_id resource;
  std::vector<kind_id> kinds;

  [[nodiscard]] core::bytes encode() const;
  // Nothing if malformed or a Kind is there twice.
  [[nodiscard]] static core::result<find_request> decode(core::byte_view body);
  friend bool operator==(const find_request&, const find_request&) = default;
};

struct find_answer {
  std::vector<std::pair<kind_id, resource_id>> results;  // 0: no such resource is known here

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<find_answer> decode(core::byte_view body);
  friend bool operator==(const find_answer&, const find_answer&) = default;
};

}  // namespace phyllo::overlay
