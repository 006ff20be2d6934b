// What a root sends to replicas (storage.md, W 2 and R2): the values to hold, and the question for theirs.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "phyllo/identity/certificate.hpp"
#include "reload/surroundings.hpp"
#include "storage/replica_store.hpp"

namespace phyllo::overlay {

// StoreReq with replica_number 1 of what is held of these entries, and F001, if a view is given. Of the values' signers all but the
// sender are named.
[[nodiscard]] message_contents replica_store_message(const replica_store& held, const identity::certificate& sender,
                                                     const resource_id& resource, const std::vector<item_key>& keys,
                                                     std::optional<std::uint64_t> view, core::time_point now,
                                                     std::uint8_t replica_number = 1);
// FetchReq with F001 for all of these Kinds, but those that `known` lacks: a newer document came meanwhile.
[[nodiscard]] message_contents replica_fetch_message(kind_table known, const resource_id& resource, const std::vector<kind_id>& kinds,
                                                     std::uint64_t view);

}  // namespace phyllo::overlay
