// The Kinds of the example in RFC 6940 s.7.4.1.1, X (single value) and Y (array), and a dictionary; and a value of each.
#pragma once

#include <array>

#include "kinds/kind.hpp"

namespace phyllo::testing {

constexpr std::array<overlay::kind, 3> example_kinds{
    {{.id = 1, .model = overlay::data_model::single, .count_max = 1, .size_max = 100, .total_max = 1000},
     {.id = 2, .model = overlay::data_model::array, .count_max = 9, .size_max = 100, .total_max = 1000},
     {.id = 3, .model = overlay::data_model::dictionary, .count_max = 9, .size_max = 100, .total_max = 1000}}};

inline overlay::stored_data example_value(overlay::data_model model, const std::string& content) {
  overlay::stored_data d;
  d.storage_time = 0x0102030405060708;
  d.lifetime = 86400;
  d.value = {.model = model, .index = 0, .key = {}, .exists = true, .value = core::to_bytes(content)};
  if (model == overlay::data_model::dictionary) d.value.key = {'k'};
  d.signature = {.hash = 8, .algorithm = 7, .identity_type = 1, .identity_value = {0xAA}, .value = {0xBB}};
  return d;
}

}  // namespace phyllo::testing
