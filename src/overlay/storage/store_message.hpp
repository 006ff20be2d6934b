// StoreReq and StoreAns (RFC 6940 s.7.4.1).
#pragma once

#include <optional>
#include <vector>

#include "kinds/kind.hpp"
#include "phyllo/core/result.hpp"
#include "reload/message_codes.hpp"

namespace phyllo::overlay {

//  kind (4) | generation_counter (8) | length (4) | StoredData ...
struct store_kind_data {
  kind_id kind = 0;
  std::uint64_t generation = 0;
  std::vector<stored_data> values;
};

//  ResourceId | replica_number (1) | length (4) | StoreKindData ...
struct store_request {
  resource_id resource;
  std::uint8_t replica_number = 0;
  std::vector<store_kind_data> kinds;
  std::vector<kind_id> unknown;  // Kinds that the table lacks: their values were skipped

  [[nodiscard]] core::bytes encode() const;
  // Nothing if malformed; a Kind that is there twice is malformed.
  [[nodiscard]] static core::result<store_request> decode(core::byte_view body, kind_table kinds);
};

//  kind (4) | generation_counter (8) | length (2) | NodeId ...
struct store_kind_response {
  kind_id kind = 0;
  std::uint64_t generation = 0;
  std::vector<node_id> replicas;
  friend bool operator==(const store_kind_response&, const store_kind_response&) = default;
};

struct store_answer {
  std::vector<store_kind_response> kinds;

  [[nodiscard]] core::bytes encode() const;
  [[nodiscard]] static core::result<store_answer> decode(core::byte_view body);
  friend bool operator==(const store_answer&, const store_answer&) = default;
};

}  // namespace phyllo::overlay
