#include "storage/replica_messages.hpp"

#include <algorithm>
#include <set>

#include "storage/fetch_message.hpp"
#include "storage/storage_extension.hpp"
#include "storage/store_message.hpp"

namespace phyllo::overlay {

message_contents replica_store_message(const replica_store& held, const identity::certificate& sender, const resource_id& resource,
                                       const std::vector<item_key>& keys, std::optional<std::uint64_t> view, core::time_point now,
                                       std::uint8_t replica_number) {
  store_request body{.resource = resource, .replica_number = replica_number, .kinds = {}, .unknown = {}};
  message_contents m;
  std::set<identity::sha256_digest> signers{sender.fingerprint()};
  for (const auto& key : keys) {
    const auto* value = held.find(key);
    if (value == nullptr) continue;
    auto at = std::ranges::find(body.kinds, key.kind, &store_kind_data::kind);
    if (at == body.kinds.end())
      at = body.kinds.insert(
          at, {.kind = key.kind, .generation = std::max<std::uint64_t>(held.generation(resource, key.kind), 1), .values = {}});
    at->values.push_back(value->passed_on(now));
    if (signers.insert(value->signer.fingerprint()).second) m.certificates.push_back(value->signer);
  }
  m.code = code::store_req;
  m.body = body.encode();
  m.extensions = encode(request_options{.view = view, .quorum = false, .if_absent = false});
  return m;
}

message_contents replica_fetch_message(kind_table known, const resource_id& resource, const std::vector<kind_id>& kinds,
                                       std::uint64_t view) {
  fetch_request body{.resource = resource, .specifiers = {}, .unknown = {}};
  for (const auto id : kinds) {
    if (const auto* k = find_kind(known, id); k != nullptr) body.specifiers.push_back(everything_of(*k));
  }
  message_contents m;
  m.code = code::fetch_req;
  m.body = body.encode(known);
  m.extensions = encode(request_options{.view = view, .quorum = false, .if_absent = false});
  return m;
}

}  // namespace phyllo::overlay
